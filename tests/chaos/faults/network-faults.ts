import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceName } from "@gochat/contracts/events/event";
import { serviceNames } from "@gochat/contracts/events/event";
import type { Stack } from "../system/stack.ts";
import type { Fault, Faults } from "./fault.ts";
import { heal, partition, slowDown } from "./firewall.ts";

const partitionedMs = 15_000;
const slowMs = 15_000;
const engines = ["postgres", "rabbitmq", "redis"] as const;
type EngineName = (typeof engines)[number];
/** Chat owns no data, and neither chat nor auth caches anything. */
const apart: readonly string[] = ["chat postgres", "chat redis", "auth redis"];

/** Every pair that speaks to each other, and the link to the broker. They need a network namespace of their own. */
export const networkFaults: Faults<Stack> = {
  ...Object.fromEntries(
    serviceNames.flatMap((service) => [
      [`partition:nginx-${service}`, fromNginx(service)],
      ...engines
        .filter((engine) => !apart.includes(`${service} ${engine}`))
        .map((engine) => [`partition:${service}-${engine}`, fromEngine(service, engine)]),
    ]),
  ),
  "slow-broker": {
    struck: "rabbitmq",
    async strike({ system }) {
      slowDown(portOf(system.state.rabbitmq));
      await sleep(slowMs);
      heal();
    },
  },
};

/** One process of the service, where there are several. */
function fromEngine(service: ServiceName, engine: EngineName): Fault<Stack> {
  return {
    struck: "partition",
    async strike({ system, random }) {
      const node = service === "messages" ? await system.storingNode() : random.pick(system.nodes(service));
      partition(portOf(system.state[engine]), node);
      await sleep(partitionedMs);
      heal();
    },
  };
}

function fromNginx(service: ServiceName): Fault<Stack> {
  return {
    struck: "partition",
    async strike({ system, random }) {
      partition(random.pick(system.nodes(service)).port);
      await sleep(partitionedMs);
      heal();
    },
  };
}

function portOf({ url }: { readonly url: string }): number {
  return Number(new URL(url).port);
}
