import { benchEjabberd } from "./ejabberd.ts";
import { benchEmbedded } from "./embedded.ts";
import { benchGrowth } from "./growth.ts";
import { benchNoisy } from "./noisy.ts";
import { benchOverload } from "./overload.ts";
import { benchReads } from "./reads.ts";
import { benchReconnect } from "./reconnect.ts";
import { benchRelay } from "./relay.ts";
import type { Scenario } from "./scenario.ts";
import { benchSlowReaders } from "./slow-readers.ts";
import { benchSockets } from "./sockets.ts";
import { benchStack } from "./stack.ts";
import { benchWeb } from "./web.ts";

/** Those that use the stack of the run; each after the other, and what kills its processes last. */
export const onStack: ReadonlySet<string> = new Set(["stack", "ejabberd", "reads", "reconnect"]);

/** Everything that is measured, by its name, in the order of a whole run. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  relay: benchRelay,
  embedded: benchEmbedded,
  stack: benchStack,
  ejabberd: benchEjabberd,
  reads: benchReads,
  reconnect: benchReconnect,
  sockets: benchSockets,
  "slow-readers": benchSlowReaders,
  overload: benchOverload,
  noisy: benchNoisy,
  growth: benchGrowth,
  web: benchWeb,
};
