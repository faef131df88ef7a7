import { existsSync, readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Figure } from "./scenario.ts";

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

/** The first load, and what each page fetches besides; undefined where the web client was not built. */
export function firstLoadFigures(): Figure[] | undefined {
  const dist = new URL("../web/dist/", import.meta.url);
  const load = firstLoadOf(dist);
  if (!load) return undefined;
  const later = readdirSync(new URL("assets/", dist)).filter((name) => /^[A-Z].*\.js$/.test(name));
  return [
    { what: "web: first load, gzip", value: load.gzip, unit: "kB" },
    { what: "web: first load, brotli", value: load.brotli, unit: "kB" },
    ...later.map((name): Figure => {
      const content = readFileSync(new URL(`assets/${name}`, dist));
      return {
        what: `web: ${name.split("-")[0]}, gzip`,
        value: gzipSync(content).length / 1_000,
        unit: "kB",
      };
    }),
  ];
}
