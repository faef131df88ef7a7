import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const read = (path: string) => readFile(new URL(path, import.meta.url), "utf8");

/** The names of the variables that settings.ts reads: `environment.PORT`, `readSwitch(environment, "RATE_LIMITS")`. */
async function settingNames(): Promise<string[]> {
  const source = await read("./settings.ts");
  const names = source.matchAll(/environment(?:\.|, ")([A-Z][A-Z_]+)/g);
  return [...new Set(Array.from(names, ([, name]) => name!))].sort();
}

test("docs/running.md and .env.example list the settings that are read, and no other", async () => {
  const names = await settingNames();
  expect(names).toContain("GOCHAT_DATA");
  const table = (await read("../../docs/running.md")).matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm);
  expect(Array.from(table, ([, name]) => name).sort()).toEqual(names);
  const example = (await read("../../.env.example")).matchAll(/^# ([A-Z][A-Z_]+)=/gm);
  expect(Array.from(example, ([, name]) => name).sort()).toEqual(names);
});
