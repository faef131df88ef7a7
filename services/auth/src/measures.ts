import type { Outbox } from "@gochat/database/outbox";
import type { Metrics } from "@gochat/runtime/metrics";
import type { PasswordHasher } from "./password-hasher.ts";

/** What there is to see of this process' queues. */
export function observeQueues(
  metrics: Metrics,
  { hasher, outbox }: { hasher: Pick<PasswordHasher, "stats">; outbox: Pick<Outbox, "backlog"> },
): void {
  metrics.gauge({
    name: "gochat_password_hashes_running",
    help: "Passwords that are hashed or checked right now.",
    collect: (gauge) => gauge.set(hasher.stats().inside),
  });
  metrics.gauge({
    name: "gochat_password_hashes_waiting",
    help: "Requests that wait for their turn to hash or check a password.",
    collect: (gauge) => gauge.set(hasher.stats().waiting),
  });
  metrics.counter({
    name: "gochat_password_hashes_refused_total",
    help: "Requests that were told BUSY because too many waited for a password to be hashed.",
    collect: (counter) => counter.inc(hasher.stats().refused),
  });
  metrics.gauge({
    name: "gochat_outbox_events",
    help: "Events in the outbox that the broker has not confirmed yet.",
    labels: ["service"],
    collect: async (gauge) => gauge.set({ service: "auth" }, await outbox.backlog()),
  });
}
