import { createMetrics } from "@gochat/runtime/metrics";
import { expect, test } from "vitest";
import { createMeasures } from "./measures.ts";

test("each message counts by its own time on disk, also behind others of that time", async () => {
  const metrics = createMetrics();
  const measures = createMeasures(metrics, { unacknowledged: 0 });
  const [first, second] = ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:01.000Z"] as const;
  const now = Date.parse("2026-01-01T00:00:03.000Z");
  measures.delivered(now, first, now - 500);
  measures.delivered(now, first, undefined);
  measures.delivered(now, second, undefined);
  measures.delivered(now, first, undefined);
  const { text } = await metrics.page();
  expect(text).toContain("gochat_message_stored_to_delivered_seconds_sum 11\n");
  expect(text).toContain("gochat_message_stored_to_delivered_seconds_count 4\n");
  expect(text).toContain("gochat_message_received_to_delivered_seconds_sum 0.5\n");
  expect(text).toContain("gochat_message_received_to_delivered_seconds_count 1\n");
});
