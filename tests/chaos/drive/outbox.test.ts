import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";
import { Timeline } from "./timeline.ts";

function outboxWith(count: number): Outbox {
  const outbox = new Outbox();
  for (let number = 1; number <= count; number++) {
    outbox.add({ id: `m${number}`, conversation: "ab", content: {}, hash: "", isBad: false });
  }
  return outbox;
}
const sent = (outbox: Outbox, now: number) => outbox.due(now).letters.map(({ id }) => id);

test("an outbox sends 32 at once, and the next when one is answered", () => {
  const outbox = outboxWith(34);
  expect(sent(outbox, 0)).toHaveLength(32);
  expect(sent(outbox, 1)).toEqual([]);
  outbox.settle("m5");
  expect(sent(outbox, 2)).toEqual(["m33"]);
});

test("what was refused for now goes out again, with what stands behind it, in order", () => {
  const outbox = outboxWith(3);
  sent(outbox, 0);
  outbox.hold("m2", 500);
  expect(sent(outbox, 400)).toEqual([]);
  expect(sent(outbox, 500)).toEqual(["m2", "m3"]);
});

test("what is unanswered goes out again in order: after a reconnect, and after 10 s", () => {
  const outbox = outboxWith(2);
  sent(outbox, 0);
  outbox.reconnected();
  expect(sent(outbox, 1)).toEqual(["m1", "m2"]);
  expect(sent(outbox, 10_001)).toEqual(["m1", "m2"]);
  expect(outbox.due(20_001).isStale).toBe(true);
});

test("a timeline applies the next position, and keeps a higher one until what lies between was fetched", () => {
  const timeline = new Timeline();
  for (const seq of [1, 3, 4]) timeline.take(seq);
  expect(timeline).toMatchObject({ applied: 1, hasGap: true });
  timeline.take(2);
  timeline.take(1);
  expect(timeline).toMatchObject({ applied: 4, hasGap: false });
  timeline.heard(5);
  expect(timeline.hasGap).toBe(true);
});
