import { existsSync, readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Findings } from "./scenario.ts";

/** What a browser fetches before the first screen: the page and the scripts and styles that it names, in kB. */
export interface FirstLoad {
  readonly files: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** Undefined where the web client was not built. */
export function firstLoadOf(dist: URL): FirstLoad | undefined {
  const page = new URL("index.html", dist);
  if (!existsSync(page)) return undefined;
  const named = readFileSync(page, "utf8").matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g);
  const files = [
    page,
    ...[...new Set([...named].map(([, path]) => path!))].map((path) => new URL(path, dist)),
  ];
  const contents = files.map((file) => readFileSync(file));
  const sum = (compress: (content: Buffer) => Buffer) =>
    contents.reduce((total, content) => total + compress(content).length, 0) / 1_000;
  return { files: files.length, gzip: sum(gzipSync), brotli: sum(brotliCompressSync) };
}

export async function benchFirstLoad(): Promise<Findings> {
  const load = firstLoadOf(new URL("../web/dist/", import.meta.url));
  if (!load) return { notes: ["The web client is not built: npm run build."] };
  return {
    figures: [
      { what: "web: first load, gzip", value: load.gzip, unit: "kB" },
      { what: "web: first load, brotli", value: load.brotli, unit: "kB" },
    ],
  };
}
