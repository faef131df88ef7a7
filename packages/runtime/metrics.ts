import { collectDefaultMetrics, Registry } from "prom-client";

/** The metrics of a process, in the names of Prometheus. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
