import { describe } from "vitest";
import { describeClosing } from "./conformance/closing.ts";
import { describeDelivery } from "./conformance/delivery.ts";
import { describeFailures } from "./conformance/failures.ts";
import { type BrokerFactory, conformanceOptions } from "./conformance/harness.ts";
import { describePublishing } from "./conformance/publishing.ts";

/**
 * The proof of broker.ts: one body of tests for every implementation. The factory makes a harness of its own for
 * each test; whatever else it shares (a RabbitMQ), its queues are empty at the start.
 */
export function describeBroker(name: string, factory: BrokerFactory): void {
  describe(`broker: ${name}`, () => {
    for (const part of [describePublishing, describeDelivery, describeFailures, describeClosing]) {
      part((options) => factory({ ...conformanceOptions, ...options }));
    }
  });
}
