import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFile } from "./replace-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-replace-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const module = new URL("./replace-file.ts", import.meta.url).href;

/** Writes the same file twenty times in a thread of its own; resolves with the thread's exit code. */
async function keepReplacing(path: string, text: string): Promise<number> {
  const program = `
    const { workerData } = require("node:worker_threads");
    import(${JSON.stringify(module)}).then(({ replaceFile }) => {
      for (let round = 0; round < 20; round++) replaceFile(workerData.path, workerData.text, 0o600);
    });`;
  const [code] = await once(new Worker(program, { eval: true, workerData: { path, text } }), "exit");
  return code;
}

test("whoever reads while two write never sees half a file", async () => {
  const path = join(folder, "shared.json");
  const text = "x".repeat(2_000_000);
  replaceFile(path, text, 0o600);
  let writing = true;
  const codes = Promise.all([keepReplacing(path, text), keepReplacing(path, text)]).finally(() => {
    writing = false;
  });
  const lengths = new Set<number>();
  while (writing) {
    lengths.add(readFileSync(path).length);
    await setImmediate();
  }
  expect(await codes).toEqual([0, 0]);
  expect([...lengths]).toEqual([text.length]);
  expect(readdirSync(folder)).toEqual(["shared.json"]);
});

test("the mode is what was asked for, whatever the mask", () => {
  const path = join(folder, "public.json");
  const mask = process.umask(0o077);
  try {
    replaceFile(path, "{}", 0o644);
  } finally {
    process.umask(mask);
  }
  expect(statSync(path).mode & 0o777).toBe(0o644);
});

test("where the file cannot be replaced, nothing else is left behind", () => {
  mkdirSync(join(folder, "taken"));
  expect(() => replaceFile(join(folder, "taken"), "{}", 0o600)).toThrow("EISDIR");
  expect(readdirSync(folder)).toEqual(["taken"]);
});
