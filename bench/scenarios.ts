import { benchEjabberd } from "./ejabberd.ts";
import { benchEmbedded } from "./embedded.ts";
import { benchReads } from "./reads.ts";
import { benchRelay } from "./relay.ts";
import type { Scenario } from "./scenario.ts";
import { benchStack } from "./stack.ts";
import { benchFirstLoad } from "./web-size.ts";

/** Everything that is measured, by its name, in the order of a whole run. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  relay: benchRelay,
  embedded: benchEmbedded,
  stack: benchStack,
  ejabberd: benchEjabberd,
  reads: benchReads,
  web: benchFirstLoad,
};
