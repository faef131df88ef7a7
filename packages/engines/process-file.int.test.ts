import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  endLeftover,
  endMembers,
  findProcess,
  isRunning,
  membersOf,
  writeProcessFile,
} from "./process-file.ts";

let folder: string;
let path: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-engine-"));
  path = join(folder, "engine.pid");
});
afterEach(async () => {
  if (child?.pid) endMembers(child.pid, tmpdir());
  child = undefined;
  await rm(folder, { recursive: true });
});

/** A leader and a worker, as NGINX has them. */
async function startGroup(cwd: string): Promise<void> {
  child = spawn("sh", ["-c", "sleep 60 & wait"], { cwd, detached: true });
  await once(child, "spawn");
  while (membersOf(child!.pid!, cwd).length < 2) await delay(10);
}

async function killLeader(): Promise<void> {
  child!.kill("SIGKILL");
  await once(child!, "exit");
}

test.each(["alive", "dead"])("what a process left running is ended, itself %s", async (state) => {
  await startGroup(folder);
  writeProcessFile(path, child!.pid!);
  expect(isRunning(path)).toBe(true);
  if (state === "dead") await killLeader();
  expect([isRunning(path), membersOf(child!.pid!, folder).length]).toEqual(
    state === "dead" ? [false, 1] : [true, 2],
  );
  await endLeftover(path);
  expect(membersOf(child!.pid!, folder)).toEqual([]);
  expect(existsSync(path)).toBe(false);
});

test("a group that only has the same id now is left alone, its leader dead too", async () => {
  await startGroup(tmpdir());
  writeProcessFile(path, child!.pid!);
  await killLeader();
  await endLeftover(path);
  expect(membersOf(child!.pid!, tmpdir())).toHaveLength(1);
  expect(existsSync(path)).toBe(false);
});

test("a process that only has the same id now is left alone", async () => {
  await startGroup(tmpdir());
  await writeFile(path, `${child!.pid} ${findProcess(child!.pid!)!.startTime - 1}\n`);
  expect(isRunning(path)).toBe(false);
  await endLeftover(path);
  expect(findProcess(child!.pid!)).toBeDefined();
});

test("where there is no file, or none that can be read, there is nothing to end", async () => {
  await endLeftover(path);
  await writeFile(path, "no process\n");
  await endLeftover(path);
  expect(existsSync(path)).toBe(false);
});
