import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { failpointPatches, failpoints } from "./failpoints.ts";
import { findMutant, mutantsOf } from "./mutants.ts";
import { applyPatches, type Patch } from "./patch.ts";
import { supervisionPatches } from "./supervision.ts";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFile(new URL(path, root), "utf8");

async function applied(patches: readonly Patch[]): Promise<string> {
  const files = Map.groupBy(patches, ({ file }) => file);
  const texts = await Promise.all(
    Array.from(files, async ([file, ofFile]) => applyPatches(await read(file), ofFile)),
  );
  return texts.join("\n");
}

test.each(failpoints)("the failpoint %s has its place", async (name) => {
  const text = await applied(failpointPatches);
  expect(text.match(new RegExp(`chaos\\.failpoint(OnceSent)?\\("${name}"\\)`, "g"))).toHaveLength(1);
});

const sown = (["embedded", "stack"] as const).flatMap((mode) =>
  mutantsOf(mode).map((name) => [name, mode] as const),
);

test.each(sown)("the mutant %s fits in mode %s, beside the failpoints", async (name, mode) => {
  const mutant = findMutant(name, mode);
  await applied([...(mutant.source ?? []), ...failpointPatches]);
  if (!mutant.sql) return;
  const migrations = globSync("services/messages/migrations/*.sql", { cwd: root.pathname });
  const texts = await Promise.all(migrations.sort().map(read));
  const definitions = texts.join("\n").split(`FUNCTION ${mutant.sql.function}(`);
  const [definition = ""] = definitions.at(-1)!.split("$function$;");
  expect(definition.split(mutant.sql.find)).toHaveLength(2);
  const sources = await Promise.all(globSync("services/messages/src/*.ts", { cwd: root.pathname }).map(read));
  expect(sources.join("\n")).toContain(`${mutant.sql.function}(`);
});

test("what is killed again and again is started at once", async () => {
  expect(await applied(supervisionPatches)).toContain("steadyMs = 0;");
});

test("a patch that fits nowhere is an error", () => {
  expect(() => applyPatches("text", [{ file: "f", find: "other", replace: "" }])).toThrow("fits 0 times");
});
