import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { parseTraceparent } from "./trace-context.ts";
import { type FinishedSpan, noTracing, preciseNow, type Tracing } from "./tracing.ts";
import { Trail } from "./trail.ts";

function follow({ isDebug = false, samples = true, tracing: given = undefined as Tracing | undefined }) {
  const spans: FinishedSpan[] = [];
  const lines: { traceId: string; msg: string; service?: string }[] = [];
  const logger = createLogger("debug", (line) => lines.push(JSON.parse(line)));
  const tracing = given ?? { ...noTracing, samples: () => samples, record: (span) => void spans.push(span) };
  return { spans, lines, trail: new Trail({ service: "chat", logger, tracing, isDebug }) };
}

const step = (name: string) => ({ name, kind: "consumer" as const, startedAt: preciseNow() });
const id = randomUUID();
const traceId = id.replaceAll("-", "");

describe("a message that is traced", () => {
  test("has a span for each step, each the child of the one before, all under the message's id", () => {
    const { spans, trail } = follow({});
    const first = trail.begin(id, step("received"));
    const second = trail.step(id, first, step("stored"));
    trail.step(id, second, step("delivered"));
    expect(spans.map(({ name }) => name)).toEqual(["received", "stored", "delivered"]);
    expect(spans.map(({ context }) => context.traceId)).toEqual([traceId, traceId, traceId]);
    expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual([
      undefined,
      spans[0]!.context.spanId,
      spans[1]!.context.spanId,
    ]);
    expect(parseTraceparent(first)).toEqual(spans[0]!.context);
  });

  test("leaves no line in the log unless that is asked for", () => {
    const { lines, trail } = follow({});
    trail.begin(id, step("received"));
    expect(lines).toEqual([]);
  });
});

describe("a message that is not traced", () => {
  test("has neither spans nor lines, and nobody needs to ask more than once", () => {
    const { spans, lines, trail } = follow({ tracing: noTracing });
    expect([trail.isOn, trail.follows(undefined)]).toEqual([false, false]);
    expect(trail.begin(id, step("received"))).toBeUndefined();
    expect(trail.step(id, undefined, step("stored"))).toBeUndefined();
    expect([spans, lines]).toEqual([[], []]);
  });

  test("has a line for each step at level debug", () => {
    const { spans, lines, trail } = follow({ isDebug: true, samples: false });
    expect(trail.begin(id, step("received"))).toBeUndefined();
    trail.step(id, undefined, step("stored"));
    expect(lines).toMatchObject([
      { traceId, msg: "received" },
      { traceId, msg: "stored" },
    ]);
    expect(spans).toEqual([]);
  });
});
