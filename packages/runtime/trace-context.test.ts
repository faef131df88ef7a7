import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import {
  formatTraceparent,
  newSpanId,
  newTraceId,
  parseTraceparent,
  traceIdOfMessage,
} from "./trace-context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

test("a traceparent is read as it was written", () => {
  for (const sampled of [true, false]) {
    const context = { traceId: newTraceId(), spanId: newSpanId(), sampled };
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
  }
});

test("a later version is read as far as it is known", () => {
  expect(parseTraceparent(`01-${traceId}-${spanId}-09-more`)).toEqual({ traceId, spanId, sampled: true });
});

test.each([
  ["nothing", undefined],
  ["the empty text", ""],
  ["capitals", `00-${traceId.toUpperCase()}-${spanId}-01`],
  ["a trace of zeros", `00-${"0".repeat(32)}-${spanId}-01`],
  ["a span of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
  ["the forbidden version", `ff-${traceId}-${spanId}-01`],
  ["more than this version has", `00-${traceId}-${spanId}-01-more`],
  ["a short id", `00-${traceId.slice(1)}-${spanId}-01`],
])("%s is no traceparent", (_what, text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});

test("a message's id is the id of its trace", () => {
  const id = randomUUID();
  const context = { traceId: traceIdOfMessage(id), spanId, sampled: true };
  expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
  expect(traceIdOfMessage(id)).toBe(id.replaceAll("-", ""));
});
