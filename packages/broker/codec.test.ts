import { expect, test } from "vitest";
import { InvalidEventError } from "./broker.ts";
import { decodeEnvelope, encodeEnvelope, keepEnvelope } from "./codec.ts";
import { mixed, numbers, shared } from "./conformance/harness.ts";

test("what travels is one envelope, in the shape that the protocol gives it", () => {
  const before = new Date().toISOString();
  const text = encodeEnvelope(shared, numbers(1, 2));
  const { at, ...rest } = JSON.parse(text);
  expect(rest).toEqual({
    v: 1,
    type: "conformance.shared",
    producer: "auth",
    events: [{ number: 1 }, { number: 2 }],
  });
  expect(at).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  expect(at >= before && at <= new Date().toISOString()).toBe(true);
});

test("a trace goes with it", () => {
  expect(decodeEnvelope(encodeEnvelope(shared, numbers(1, 1), 'of "ana"')).trace).toBe('of "ana"');
});

test("comes back as it went, in fresh objects each time", () => {
  const events = [{ number: 1, tags: ['"],}\\', "\u2028", "é", ""] }];
  const text = encodeEnvelope(shared, events);
  const decoded = decodeEnvelope(text);
  expect(decoded.events).toEqual(events);
  expect(decodeEnvelope(text).events[0]).not.toBe(decoded.events[0]);
});

test("what does not fit as it is, is judged as JSON writes it", () => {
  expect(() => encodeEnvelope(shared, [{ number: Number.NaN }])).toThrow(InvalidEventError);
  const written = { toJSON: () => ({ number: 3 }) };
  expect(decodeEnvelope(encodeEnvelope(shared, [written])).events).toEqual([{ number: 3 }]);
});

test.each([
  ["by the contract's own copy", shared],
  ["through text", mixed],
])(
  "what is kept %s is read as it was, in fresh objects each time, and is about as long as its text",
  (_how, contract) => {
    const events = [{ number: 1, tags: ["as published".repeat(20)] }, { number: 2 }];
    const kept = keepEnvelope(contract, events, "abc");
    events[0]!.tags!.push("changed later");
    const [first, second] = [kept.read(), kept.read()];
    (first.events[0] as (typeof events)[0]).tags!.push("touched");
    expect(second).toEqual({
      v: 1,
      type: contract.name,
      at: expect.any(String),
      producer: contract.producer,
      trace: "abc",
      events: [{ number: 1, tags: ["as published".repeat(20)] }, { number: 2 }],
    });
    expect(kept.count).toBe(2);
    const { length } = JSON.stringify(second.events);
    expect(Math.abs(kept.length - length)).toBeLessThan(200);
    const written = { toJSON: () => ({ number: 3 }) };
    expect(keepEnvelope(contract, [written]).read().events).toEqual([{ number: 3 }]);
    for (const unfit of [[], [{}], [{ number: 1n }]]) {
      expect(() => keepEnvelope(contract, unfit)).toThrow(InvalidEventError);
    }
  },
);

test.each(["null", "[]", "1", '{"v":2,"type":"a","events":[]}', '{"v":1,"type":"a"}', '[{"number":1}]'])(
  "%s is no envelope",
  (text) => expect(() => decodeEnvelope(text)).toThrow("no envelope of version 1"),
);
