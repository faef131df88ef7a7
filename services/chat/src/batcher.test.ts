import { InvalidEventError, QueueFullError } from "@gochat/broker/broker";
import { describe, expect, test } from "vitest";
import { Batcher, type BatcherOptions } from "./batcher.ts";

const logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger };

/** A batcher whose publications the test confirms or fails, one by one. */
function create(more: Partial<BatcherOptions<number>> = {}) {
  const publications: { events: readonly number[]; confirm: () => void; fail: (error: Error) => void }[] = [];
  let onPublish = () => {};
  const batcher = new Batcher<number>({
    publish: (events) =>
      new Promise((resolve, reject) => {
        publications.push({ events: [...events], confirm: resolve, fail: reject });
        onPublish();
      }),
    maxQueued: 100,
    keepsTrying: true,
    logger,
    ...more,
  });
  async function published(count: number) {
    while (publications.length < count) {
      await new Promise<void>((resolve) => {
        onPublish = resolve;
      });
    }
    return publications[count - 1]!;
  }
  return { batcher, publications, published };
}

const add = (batcher: Batcher<number>, ...events: number[]) => events.map((event) => batcher.add(event));

describe("a batcher", () => {
  test("publishes at the end of the tick what came in it, and the rest when that is confirmed", async () => {
    const { batcher, publications, published } = create();
    add(batcher, 1, 2, 3);
    expect(publications).toEqual([]);
    const first = await published(1);
    add(batcher, 4, 5);
    await new Promise(setImmediate);
    expect(publications).toHaveLength(1);
    first.confirm();
    const second = await published(2);
    expect([first.events, second.events]).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    second.confirm();
    add(batcher, 6);
    expect((await published(3)).events).toEqual([6]);
  });

  test("pauses behind a publication while it is told to, and gathers what comes meanwhile", async () => {
    let pauseMs = 1_000;
    const { batcher, publications, published } = create({ pauseMs: () => pauseMs });
    add(batcher, 1);
    (await published(1)).confirm();
    await new Promise(setImmediate);
    add(batcher, 2);
    await new Promise(setImmediate);
    add(batcher, 3);
    expect(publications).toHaveLength(1);
    const second = await published(2);
    expect(second.events).toEqual([2, 3]);
    pauseMs = 0;
    second.confirm();
    await new Promise(setImmediate);
    add(batcher, 4);
    await new Promise(setImmediate);
    expect(publications).toHaveLength(3);
  });

  test("makes no publication bigger than it may be", async () => {
    const { batcher, published } = create({ maxEvents: 2 });
    add(batcher, 1, 2, 3, 4, 5);
    for (const [index, events] of [[1, 2], [3, 4], [5]].entries()) {
      const publication = await published(index + 1);
      expect(publication.events).toEqual(events);
      publication.confirm();
    }
  });

  test("tries a failed publication again, before anything else", async () => {
    const { batcher, published } = create();
    add(batcher, 1, 2);
    const first = await published(1);
    add(batcher, 3);
    first.fail(new QueueFullError("q"));
    const again = await published(2);
    expect(again.events).toEqual([1, 2]);
    again.confirm();
    expect((await published(3)).events).toEqual([3]);
  });

  test("that does not keep trying drops it", async () => {
    const { batcher, published } = create({ keepsTrying: false });
    add(batcher, 1);
    const first = await published(1);
    add(batcher, 2);
    first.fail(new QueueFullError("q"));
    expect((await published(2)).events).toEqual([2]);
  });

  test("takes no more than it may queue", async () => {
    const { batcher, published } = create({ maxQueued: 2 });
    expect(add(batcher, 1, 2, 3)).toEqual([true, true, false]);
    expect(batcher.isFull).toBe(true);
    await published(1);
    expect(add(batcher, 4, 5, 6)).toEqual([true, true, false]);
  });

  test("sets an event aside that does not fit, and publishes its neighbours", async () => {
    const invalid: number[] = [];
    const taken: number[] = [];
    const batcher = new Batcher<number>({
      async publish(events) {
        if (events.includes(2)) throw new InvalidEventError("e", "two");
        taken.push(...events);
      },
      maxQueued: 100,
      keepsTrying: true,
      onInvalid: (event) => invalid.push(event),
      logger,
    });
    add(batcher, 1, 2, 3);
    await batcher.stop(1000);
    expect(taken).toEqual([1, 3]);
    expect(invalid).toEqual([2]);
  });

  test("stops when everything is published, or after the grace", async () => {
    const { batcher, published } = create();
    add(batcher, 1);
    const stopping = batcher.stop(1000);
    (await published(1)).confirm();
    await stopping;
    expect(batcher.add(2)).toBe(false);

    const stuck = new Batcher<number>({
      publish: () => Promise.reject(new QueueFullError("q")),
      maxQueued: 100,
      keepsTrying: true,
      logger,
    });
    add(stuck, 1);
    await stuck.stop(50);
  });
});
