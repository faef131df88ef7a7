import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { endLeftover, findProcess, isRunning, membersOf, writeProcessFile } from "./process-file.ts";

let folder: string;
let path: string;
let child: ChildProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-engine-"));
  path = join(folder, "engine.pid");
  // A leader and a worker, as NGINX has them.
  child = spawn("sh", ["-c", "sleep 60 & wait"], { detached: true });
  await once(child, "spawn");
  while (membersOf(child.pid!).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
});
afterEach(async () => {
  for (const { pid } of membersOf(child.pid!)) process.kill(pid, "SIGKILL");
  await rm(folder, { recursive: true });
});

test("what a process left running is ended, also when it is dead itself", async () => {
  writeProcessFile(path, child.pid!);
  expect(isRunning(path)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect([isRunning(path), membersOf(child.pid!).length]).toEqual([false, 1]);
  await endLeftover(path);
  expect(membersOf(child.pid!)).toEqual([]);
  expect(existsSync(path)).toBe(false);
});

test("a process that only has the same id now is left alone", async () => {
  await writeFile(path, `${child.pid} ${findProcess(child.pid!)!.startTime - 1}\n`);
  expect(isRunning(path)).toBe(false);
  await endLeftover(path);
  expect(findProcess(child.pid!)).toBeDefined();
});

test("where there is no file, or none that can be read, there is nothing to end", async () => {
  await endLeftover(path);
  await writeFile(path, "no process\n");
  await endLeftover(path);
  expect(existsSync(path)).toBe(false);
});
