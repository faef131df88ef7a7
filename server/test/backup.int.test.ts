import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createPerson } from "@gochat/testing/people";
import { startProgram } from "@gochat/testing/program";
import { afterEach, beforeEach, expect, test } from "vitest";
import { postgresOf } from "./processes.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-backup-"));
});
afterEach(async () => {
  for (const pid of await postgresOf(join(folder, "data/postgres"))) process.kill(pid, "SIGQUIT");
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** The command below a comment in docs/running.md that begins with these words. */
async function documentedCommand(words: string): Promise<string> {
  const text = await readFile(new URL("../../docs/running.md", import.meta.url), "utf8");
  const command = new RegExp(`^# ${words}: stop GoChat.*\\n(.+)$`, "m").exec(text)?.[1];
  if (!command) throw new Error(`docs/running.md no longer says how to ${words}.`);
  return command;
}

async function carryOut(words: string): Promise<void> {
  await promisify(execFile)("sh", ["-c", await documentedCommand(words)], { cwd: folder });
}

/** Starts GoChat on the data, does the work, and stops it again. */
async function whileRunning(work: (url: string) => Promise<void>): Promise<void> {
  const gochat = startProgram({ GOCHAT_DATA: join(folder, "data") });
  try {
    await work(await gochat.ready);
    gochat.process.kill("SIGTERM");
    expect(await gochat.ended).toBe(0);
  } finally {
    gochat.process.kill("SIGKILL");
    await gochat.ended;
  }
}

async function signs(url: string, how: "up" | "in", username: string): Promise<number> {
  const person = createPerson(url, { id: "", username });
  const { email, password } = person;
  const body = how === "up" ? { email, username, password } : { email, password };
  return (await person.request("POST", `/api/auth/sign${how}`, body)).status;
}

test("the backup and restore of docs/running.md bring back what was there, and nothing after it", async () => {
  await whileRunning(async (url) => {
    expect(await signs(url, "up", "ana")).toBe(201);
  });
  await carryOut("back up");
  await whileRunning(async (url) => {
    expect(await signs(url, "up", "bob")).toBe(201);
  });
  await carryOut("restore");
  await whileRunning(async (url) => {
    expect(await signs(url, "in", "ana")).toBe(200);
    expect(await signs(url, "in", "bob")).toBe(401);
  });
}, 90_000);
