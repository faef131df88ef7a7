import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** Who must not import what, as somebody might write it. */
const forbidden: [file: string, imported: string][] = [
  ["packages/contracts/http/thing.ts", "@gochat/runtime/settings"],
  ["packages/contracts/thing.ts", "../broker/memory.ts"],
  ["packages/broker/thing.ts", "../cache/memory.ts"],
  ["packages/cache/thing.ts", "@gochat/database/database"],
  ["packages/runtime/thing.ts", "../testing/gochat.ts"],
  ["packages/runtime/things/thing.ts", "../../testing/gochat.ts"],
  ["packages/runtime/thing.ts", "@gochat/auth/index"],
  ["services/auth/src/thing.ts", "../../../packages/testing/gochat.ts"],
  ["services/auth/src/commands/thing.ts", "../../../users/src/store.ts"],
  ["services/auth/src/thing.ts", "@gochat/users/store"],
  ["services/auth/src/thing.ts", "@gochat/testing/gochat"],
  ["server/src/thing.ts", "../../packages/testing/gochat.ts"],
  ["server/src/thing.ts", "@gochat/testing/gochat"],
  ["bench/thing.ts", "@gochat/testing/gochat"],
  ["bench/load/thing.ts", "../../packages/testing/gochat.ts"],
  ["scripts/thing.ts", "@gochat/testing/gochat"],
  ["web/src/features/account/Thing.tsx", "../../app/App.tsx"],
  ["web/src/features/account/Thing.tsx", "../../features/conversation/rows.ts"],
  ["web/src/features/account/Thing.tsx", "../conversation/rows.ts"],
  ["web/src/realtime/thing.ts", "../features/conversation/rows.ts"],
  ["web/src/state/thing.ts", "../realtime/outbox.ts"],
  ["web/src/ui/Thing.tsx", "../state/state.ts"],
  ["web/src/lib/thing.ts", "@gochat/runtime/settings"],
  ["web/src/lib/thing.ts", "../../../packages/runtime/settings.ts"],
];

const allowed: [file: string, imported: string][] = [
  ["packages/contracts/http/good.ts", "../primitives.ts"],
  ["packages/broker/conformance/good.ts", "../broker.ts"],
  ["packages/runtime/good.ts", "@gochat/cache/cache"],
  ["services/auth/src/commands/good.ts", "../parts.ts"],
  ["services/auth/src/good.test.ts", "@gochat/testing/gochat"],
  ["server/src/good.ts", "@gochat/auth/index"],
  ["bench/load/good.ts", "@gochat/contracts/limits"],
  ["web/src/features/account/Good.tsx", "../../ui/Button.tsx"],
  ["web/src/features/account/Good.tsx", "./theme.ts"],
  ["web/src/app/Good.tsx", "../features/people/PeopleList.tsx"],
];

/** What biome complains of, when these files are where they claim to be. */
async function complaints(
  folder: string,
  planted: readonly (readonly [file: string, imported: string])[],
): Promise<string[]> {
  for (const name of ["biome.json", ".gitignore"]) await copyFile(join(root, name), join(folder, name));
  const sentences = new Map<string, string>();
  for (const [index, [file, imported]] of planted.entries()) {
    const name = file.replace(/(thing|good)/i, `$1${index}`);
    sentences.set(name, `${file} imports ${imported}`);
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), `import * as used from "${imported}";\nexport default used;\n`);
  }
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const options = ["--only=style/noRestrictedImports", "--reporter=github", "--max-diagnostics=none"];
  const run = promisify(execFile)(process.execPath, [biome, "lint", ...options, "."], { cwd: folder });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const refused = new Set([...stdout.matchAll(/file=([^,]+)/g)].map(([, file]) => relative(folder, file!)));
  return [...sentences].filter(([file]) => refused.has(file)).map(([, sentence]) => sentence);
}

test("the linter refuses what the architecture forbids, and nothing else", async () => {
  const folder = await mkdtemp(join(await realpath(tmpdir()), "gochat-imports-"));
  try {
    const sentences = forbidden.map(([file, imported]) => `${file} imports ${imported}`);
    expect(await complaints(folder, [...forbidden, ...allowed])).toEqual(sentences);
  } finally {
    await rm(folder, { recursive: true });
  }
});
