import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { cpuBetween, memoryOf, sampleCpu } from "./processes.ts";

describe.runIf(process.platform === "linux")("a process tree, as /proc tells it", () => {
  test("counts the memory of descendants too", async () => {
    const child = spawn("sleep", ["60"]);
    try {
      await once(child, "spawn");
      const memory = memoryOf(process.pid);
      expect(memory?.processes).toBeGreaterThanOrEqual(2);
      expect(memory?.pss).toBeGreaterThan(10);
      expect(memory?.rss).toBeGreaterThanOrEqual(memory!.pss);
    } finally {
      child.kill();
    }
  });

  test("counts CPU time as a share of one core", () => {
    const before = sampleCpu(process.pid);
    const until = performance.now() + 200;
    while (performance.now() < until) Math.sqrt(until);
    const shares = Object.values(cpuBetween(before, sampleCpu(process.pid)));
    expect(Math.max(...shares)).toBeGreaterThan(0.05);
  });

  test("says nothing of a process that is not there", () => {
    expect(memoryOf(2 ** 30)).toBeUndefined();
    expect(sampleCpu(2 ** 30).seconds).toEqual({});
  });
});
