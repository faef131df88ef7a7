import { createMemoryBroker } from "@gochat/broker/memory";
import { createMemoryCache } from "@gochat/cache/memory";
import { userLoggedIn } from "@gochat/contracts/events/user-events";
import { describe, expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { observeBroker } from "./observed-broker.ts";
import { observeCache } from "./observed-cache.ts";
import { type FinishedSpan, noTracing } from "./tracing.ts";

const id = "00000000-0000-4000-8000-000000000001";
const event = { userId: id, sessionId: id, at: new Date(0).toISOString() };
const labels = 'service="users",event="user.logged.in"';

function open({ maxQueueLength = 10 } = {}) {
  const memory = createMemoryBroker({ events: [userLoggedIn], nodeId: "one", maxQueueLength });
  const metrics = createMetrics();
  const spans: FinishedSpan[] = [];
  const tracing = { ...noTracing, record: (span: FinishedSpan) => void spans.push(span) };
  const logger = createLogger("silent");
  const read = async (series: string) => {
    const line = (await metrics.page()).text.split("\n").find((text) => text.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  };
  return { memory, broker: observeBroker(memory, { metrics, tracing, logger }), spans, read };
}

describe("a broker that is observed", () => {
  test("shows the age of what is in hand, what waits behind it, and none of it at rest", async () => {
    const { memory, broker, read } = open();
    await using _closed = memory;
    const hold = Promise.withResolvers<void>();
    const handle = () => hold.promise;
    await broker.subscribe({ service: "users", contract: userLoggedIn, maxEvents: 1, handle });
    const lag = () => read(`gochat_consumer_lag_seconds{${labels}}`);
    const waiting = () => read('gochat_queue_envelopes{queue="users.user.logged.in"}');
    expect(await lag()).toBe(0);
    await broker.publish(userLoggedIn, [event]);
    await broker.publish(userLoggedIn, [event]);
    await expect.poll(lag).toBeGreaterThan(0.01);
    expect(await waiting()).toBe(1);
    hold.resolve();
    await memory.settle();
    expect([await lag(), await waiting()]).toEqual([0, 0]);
    expect(await read(`gochat_batch_events_count{${labels}}`)).toBe(2);
    expect(await read('gochat_events_published_total{event="user.logged.in"}')).toBe(2);
  });

  test("counts what is refused and what fails, from 0 on", async () => {
    const { memory, broker, read } = open({ maxQueueLength: 1 });
    await using _closed = memory;
    const refused = () => read('gochat_publish_failures_total{event="user.logged.in"}');
    const failed = () => read(`gochat_batch_failures_total{${labels}}`);
    await broker.publish(userLoggedIn, [event]);
    expect(await refused()).toBe(0);
    await expect(broker.publish(userLoggedIn, [event])).rejects.toThrow("full");
    expect(await refused()).toBe(1);
    let calls = 0;
    const handle = async () => {
      calls += 1;
      if (calls === 1) throw new Error("thrown on purpose");
    };
    await broker.subscribe({ service: "users", contract: userLoggedIn, handle });
    expect(await failed()).toBe(0);
    await memory.settle();
    expect([calls, await failed()]).toEqual([2, 1]);
  });

  test("goes on in the trace of what it delivers", async () => {
    const { memory, broker, spans } = open();
    await using _closed = memory;
    await broker.subscribe({ service: "users", contract: userLoggedIn, handle: async () => {} });
    const [traceId, spanId] = ["a".repeat(32), "b".repeat(16)];
    await broker.publish(userLoggedIn, [event], { trace: `00-${traceId}-${spanId}-01` });
    await broker.publish(userLoggedIn, [event], { trace: "no trace" });
    await memory.settle();
    expect(spans).toMatchObject([
      {
        service: "users",
        name: "handle user.logged.in",
        parentSpanId: spanId,
        context: { traceId, sampled: true },
        failed: false,
      },
    ]);
  });
});

test("a cache that is observed counts what it finds for each service", async () => {
  const metrics = createMetrics();
  const memory = createMemoryCache();
  await using _closed = memory;
  const broken = { ...memory, get: () => Promise.reject(new Error("thrown on purpose")) };
  const cache = observeCache(memory, metrics)("users");
  await cache.get("key");
  await cache.set("key", "value", 10);
  await cache.get("key");
  const { text } = await metrics.page();
  expect(text).toContain('gochat_cache_requests_total{service="users",result="miss"} 1');
  expect(text).toContain('gochat_cache_requests_total{service="users",result="hit"} 1');
  const otherMetrics = createMetrics();
  await expect(observeCache(broken, otherMetrics)("messages").get("key")).rejects.toThrow("on purpose");
  expect((await otherMetrics.page()).text).toContain('{service="messages",result="failed"} 1');
});

test("a gauge that cannot be asked is left out, and hides no other", async () => {
  const metrics = createMetrics();
  metrics.gauge({ name: "whole", help: "Answers.", collect: (gauge) => gauge.set(7) });
  for (const labels of [[], ["part"]] as const) {
    const collect = () => Promise.reject(new Error("thrown on purpose"));
    metrics.gauge({ name: `broken_${labels.length}`, help: "Does not.", labels, collect });
  }
  const { text } = await metrics.page();
  expect(text).toContain("whole 7");
  expect(text).not.toMatch(/^broken_/m);
});
