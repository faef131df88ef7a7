import { expect, test } from "vitest";
import { InvalidEventError } from "./broker.ts";
import { decodeEnvelope, encodeEnvelope } from "./codec.ts";
import { numbers, shared } from "./conformance/harness.ts";

test("what travels is one envelope, in the shape that the protocol gives it", () => {
  const before = new Date().toISOString();
  const { text, count } = encodeEnvelope(shared, numbers(1, 2));
  const { at, ...rest } = JSON.parse(text);
  expect(rest).toEqual({
    v: 1,
    type: "conformance.shared",
    producer: "auth",
    events: [{ number: 1 }, { number: 2 }],
  });
  expect(at).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  expect(at >= before && at <= new Date().toISOString()).toBe(true);
  expect(count).toBe(2);
});

test("a trace goes with it", () => {
  expect(decodeEnvelope(encodeEnvelope(shared, numbers(1, 1), 'of "ana"').text).trace).toBe('of "ana"');
});

test("comes back as it went, in fresh objects each time", () => {
  const events = [{ number: 1, tags: ['"],}\\', "\u2028", "é", ""] }];
  const { text } = encodeEnvelope(shared, events);
  const decoded = decodeEnvelope(text);
  expect(decoded.events).toEqual(events);
  expect(decodeEnvelope(text).events[0]).not.toBe(decoded.events[0]);
});

test("the copy is judged, not the original", () => {
  expect(() => encodeEnvelope(shared, [{ number: Number.NaN }])).toThrow(InvalidEventError);
  const written = { toJSON: () => ({ number: 3 }) };
  expect(decodeEnvelope(encodeEnvelope(shared, [written]).text).events).toEqual([{ number: 3 }]);
});

test.each(["null", "[]", "1", '{"v":2,"type":"a","events":[]}', '{"v":1,"type":"a"}', '[{"number":1}]'])(
  "%s is no envelope",
  (text) => expect(() => decodeEnvelope(text)).toThrow("no envelope of version 1"),
);
