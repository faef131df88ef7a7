import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@gochat/engines/engine";
import { startEngineProcess } from "@gochat/engines/engine-process";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepRunning } from "./keep-running.ts";

let folder: string;
let part: Engine;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-part-"));
  const started = await startEngineProcess({
    name: "sleep",
    command: ["/bin/sleep", "600"],
    environment: {},
    folder,
    ping: async () => {},
    readyTimeoutMs: 10_000,
    stop: { signal: "SIGTERM", patienceMs: 2_000 },
  });
  part = Object.assign(started, { url: "" });
});
afterEach(async () => {
  await part[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Milliseconds from its death until there is another process. */
async function killAndWait(): Promise<number> {
  const { pid } = part;
  const died = performance.now();
  process.kill(pid, "SIGKILL");
  await vi.waitFor(() => expect(part.pid).not.toBe(pid), { timeout: 10_000, interval: 5 });
  return performance.now() - died;
}

// What a busy machine delays once is there sooner the next time; what is slow by itself never is.
test("a part is started again within a second, also when it dies at once; then it is left some time", {
  retry: 3,
}, async () => {
  const restarted: number[] = [];
  const lines: string[] = [];
  const supervision = {
    onRestart: () => restarted.push(part.pid),
    log: (line: string) => lines.push(line),
  };
  await using _ = keepRunning(new Map([["sleep", part]]), supervision);
  const first = part.pid;
  expect(await killAndWait()).toBeLessThan(1_000);
  await vi.waitFor(() => expect(restarted).toEqual([part.pid]), { timeout: 10_000 });
  expect(lines).toEqual([`sleep (process ${first}) died. Starting it again.`]);
  expect(await killAndWait()).toBeLessThan(1_000);
  await vi.waitFor(() => expect(restarted).toHaveLength(2), { timeout: 10_000 });
  expect(await killAndWait()).toBeGreaterThan(990);
});

test("a part that is stopped in order stays so once nobody keeps it running", async () => {
  const restarted: number[] = [];
  await keepRunning(new Map([["sleep", part]]), { onRestart: () => restarted.push(part.pid), log() {} })[
    Symbol.asyncDispose
  ]();
  const { pid } = part;
  process.kill(pid, "SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([part.pid, restarted]).toEqual([pid, []]);
});
