import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { firstLoadOf } from "./web-size.ts";

test("the first load is the page with the scripts and styles that it names, each once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gochat-bench-"));
  const dist = pathToFileURL(`${folder}/`);
  try {
    expect(firstLoadOf(dist)).toBeUndefined();
    const links = '<link rel="modulepreload" href="/a.js"><link rel="stylesheet" href="/a.css">';
    await writeFile(join(folder, "index.html"), `<script type="module" src="/a.js"></script>${links}`);
    await writeFile(join(folder, "a.js"), "x".repeat(100_000));
    await writeFile(join(folder, "a.css"), "y".repeat(100_000));
    await writeFile(join(folder, "later.js"), "z".repeat(100_000));
    const firstLoad = firstLoadOf(dist);
    expect(firstLoad?.files).toBe(3);
    expect(firstLoad?.gzip).toBeLessThan(1);
    expect(firstLoad?.brotli).toBeLessThan(firstLoad!.gzip);
  } finally {
    await rm(folder, { recursive: true });
  }
});
