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
    const subject = { roots: [process.pid], parts: { worker: process.pid } };
    const before = sampleCpu(subject);
    const until = performance.now() + 200;
    while (performance.now() < until) Math.sqrt(until);
    expect(cpuBetween(before, sampleCpu(subject)).worker).toBeGreaterThan(0.05);
  });

  test("counts what descends from a named process for it, and the rest by its program", async () => {
    const shell = spawn("sh", ["-c", "sleep 60 & wait"], { stdio: "ignore", detached: true });
    try {
      await once(shell, "spawn");
      const roots = [shell.pid!];
      await expect.poll(() => Object.keys(sampleCpu({ roots }).seconds)).toEqual(["sh", "sleep"]);
      expect(Object.keys(sampleCpu({ roots, parts: { part: shell.pid! } }).seconds)).toEqual(["part"]);
    } finally {
      process.kill(-shell.pid!);
    }
  });

  test("says nothing of a process that is not there", () => {
    expect(memoryOf(2 ** 30)).toBeUndefined();
    expect(sampleCpu({ roots: [2 ** 30] }).seconds).toEqual({});
  });
});
