import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { docsFolder, generatedDocs } from "./generate-docs.ts";

test.each(Object.entries(generatedDocs()))("docs/%s is what the contracts say now", async (name, text) => {
  const written = await readFile(new URL(name, docsFolder), "utf8");
  expect(written === text, `Run "npm run docs" and commit docs/${name}.`).toBe(true);
});
