import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { StartError } from "@gochat/database/start-error";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readKeys } from "./keys.ts";

const script = new URL("../../scripts/make-keys.ts", import.meta.url).pathname;
let folder: string;
let keysFile: string;
let publicKeysFile: string;

function makeKeys(...parameters: string[]) {
  return promisify(execFile)(process.execPath, [script, ...parameters]);
}

beforeAll(async () => {
  const parent = await mkdtemp(join(tmpdir(), "gochat-keys-"));
  folder = join(parent, "made");
  keysFile = join(folder, "keys.json");
  publicKeysFile = join(folder, "public-keys.json");
  await makeKeys(folder);
});
afterAll(() => rm(join(folder, ".."), { recursive: true, force: true }));

test("make-keys makes what auth signs with, readable by its owner only, and what the others verify with", async () => {
  expect((await stat(keysFile)).mode & 0o777).toBe(0o600);
  const own = await readKeys({ keysFile, publicKeysFile });
  const others = await readKeys({ keysFile: undefined, publicKeysFile });
  expect(own?.signing?.d).toBeDefined();
  expect(own?.refreshSecret).toHaveLength(32);
  expect(own?.verification).toHaveLength(1);
  expect(others).toEqual({ verification: own?.verification, signing: undefined, refreshSecret: undefined });
  expect(await readFile(publicKeysFile, "utf8")).not.toContain(own!.signing!.d!);
});

test("made again, they stay as they are", async () => {
  const before = await readFile(keysFile, "utf8");
  await rm(publicKeysFile);
  const { stdout } = await makeKeys(folder);
  expect(stdout).toContain("were there already");
  expect(await readFile(keysFile, "utf8")).toBe(before);
  expect(await readKeys({ keysFile: undefined, publicKeysFile })).toBeDefined();
});

test("without a folder, make-keys says how it is used", async () => {
  await expect(makeKeys()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("FOLDER") });
});

test("neither file given: no keys", async () => {
  expect(await readKeys({ keysFile: undefined, publicKeysFile: undefined })).toBeUndefined();
});

test("files that are missing, damaged or swapped are refused in one sentence", async () => {
  const missing = join(folder, "missing.json");
  const damaged = join(folder, "damaged.json");
  const leaked = join(folder, "leaked.json");
  await writeFile(damaged, "{");
  const { signing } = JSON.parse(await readFile(keysFile, "utf8"));
  await writeFile(leaked, JSON.stringify({ keys: [signing] }));
  const refusals = [
    [{ keysFile: missing, publicKeysFile: undefined }, "There are no keys in"],
    [{ keysFile: undefined, publicKeysFile: missing }, "There are no keys in"],
    [{ keysFile: damaged, publicKeysFile: undefined }, "is damaged"],
    [{ keysFile: publicKeysFile, publicKeysFile: undefined }, "is damaged"],
    [{ keysFile: undefined, publicKeysFile: damaged }, "holds no public keys"],
    [{ keysFile: undefined, publicKeysFile: keysFile }, "holds no public keys"],
    [{ keysFile: undefined, publicKeysFile: leaked }, "holds a private key"],
  ] as const;
  for (const [files, sentence] of refusals) {
    const refusal = readKeys(files);
    await expect(refusal).rejects.toThrow(StartError);
    await expect(refusal).rejects.toThrow(sentence);
  }
});
