import type { ServiceName } from "@gochat/contracts/events/event";
import type { Database } from "@gochat/database/database";
import type { Metrics } from "./metrics.ts";
import { type ReadinessCheck, stateOf } from "./operating-routes.ts";

/** What is asked of the parts below the services each time somebody looks. */
export function observeParts(
  metrics: Metrics,
  databases: ReadonlyMap<ServiceName, Pick<Database, "stats">>,
  checks: readonly ReadinessCheck[],
): void {
  metrics.gauge({
    name: "gochat_part_ready",
    help: "Whether the broker, the cache and each database answer: 1 or 0, as /readyz says.",
    labels: ["part"],
    async collect(gauge) {
      const states = await Promise.all(checks.map(stateOf));
      for (const { name, state } of states) gauge.set({ part: name }, state === "ok" ? 1 : 0);
    },
  });
  metrics.gauge({
    name: "gochat_database_connections",
    help: "Connections of a service's pool, in use or idle.",
    labels: ["service", "state"],
    collect(gauge) {
      for (const [service, database] of databases) {
        const { open, idle } = database.stats();
        gauge.set({ service, state: "used" }, open - idle);
        gauge.set({ service, state: "idle" }, idle);
      }
    },
  });
  metrics.gauge({
    name: "gochat_database_connections_max",
    help: "How many connections a service's pool may open.",
    labels: ["service"],
    collect(gauge) {
      for (const [service, database] of databases) gauge.set({ service }, database.stats().max);
    },
  });
  metrics.gauge({
    name: "gochat_database_waiting",
    help: "Callers that wait for a connection of a service's pool.",
    labels: ["service"],
    collect(gauge) {
      for (const [service, database] of databases) gauge.set({ service }, database.stats().waiting);
    },
  });
}
