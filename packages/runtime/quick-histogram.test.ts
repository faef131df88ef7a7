import fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { expect, test } from "vitest";
import { QuickHistogram } from "./quick-histogram.ts";

test("prints what the library's own histogram prints", async () => {
  const bounds = [0.001, 0.5, 1, 10];
  const value = fc.oneof(fc.constantFrom(0, ...bounds, 11), fc.double({ min: 0, max: 20, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(fc.array(value), async (values) => {
      const described = { name: "waiting_seconds", help: "Waiting." };
      const [ours, theirs] = [new Registry(), new Registry()];
      const quick = new QuickHistogram(bounds);
      quick.register(ours, described);
      const own = new Histogram({ ...described, buckets: bounds, registers: [theirs] });
      for (const each of values) {
        quick.observe(each);
        own.observe(each);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
    }),
  );
});

test("a name is given once", () => {
  const registry = new Registry();
  new QuickHistogram([1]).register(registry, { name: "twice", help: "." });
  expect(() => new QuickHistogram([1]).register(registry, { name: "twice", help: "." })).toThrow("already");
});
