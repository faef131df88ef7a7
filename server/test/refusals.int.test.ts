import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram } from "@gochat/testing/program";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-refused-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Waits for the refusal, and checks that it is one line, exit code 1, and nothing made. */
async function refusalOf(settings: Readonly<Record<string, string>>, names: readonly string[]) {
  const dataFolder = join(folder, "data");
  const program = startProgram({ GOCHAT_DATA: dataFolder, ...settings }, names);
  expect(await program.ended).toBe(1);
  expect(program.errors.text).toMatch(/^GoChat did not start\. [^\n]+\n$/);
  await expect(readdir(dataFolder)).rejects.toThrow("ENOENT");
  return program.errors.text;
}

const broker = { BROKER_URL: "amqp://chat:Zk3-vJ9_x@127.0.0.1:1" };
const cache = { CACHE_URL: "redis://:Zk3-vJ9_x@127.0.0.1:1" };
const guest = { NODE_ENV: "production", BROKER_URL: "amqp://guest:guest@127.0.0.1:1" };

test.each([
  [["messages"], {}, "set BROKER_URL"],
  [["chat"], guest, "BROKER_URL has a password that everybody knows"],
  [["migrate", "mesages"], {}, "mesages is not a service"],
] as const)(
  "%j with %j is refused in one sentence that says what to do",
  async (names, settings, sentence) => {
    expect(await refusalOf(settings, names)).toContain(sentence);
  },
);

test("a wrong password for the database is refused, also while the broker is still waited for", async () => {
  const publicKeysFile = join(folder, "public-keys.json");
  await writeFile(publicKeysFile, JSON.stringify({ keys: [{ kty: "OKP", crv: "Ed25519", x: "AAAA" }] }));
  const wrong = Object.assign(new URL(inject("postgresUrl")), { password: "Zk3-vJ9_x" });
  const settings = { ...broker, ...cache, PUBLIC_KEYS_FILE: publicKeysFile, DATABASE_URL: wrong.href };
  const refusal = await refusalOf(settings, ["messages"]);
  expect(refusal).toContain("The database refuses GoChat");
  expect(refusal).toContain("Correct user, password and database in DATABASE_URL.");
  expect(refusal).not.toContain("Zk3");
});
