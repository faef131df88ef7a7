import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Figure } from "./scenario.ts";

const webDist = new URL("../web/dist/", import.meta.url);

/**
 * By page, the components that only some pages load (`lazy` in web/src/app/); files are found by these names. What
 * guests see is all like the sign-in page, and the other pages of a person like a conversation.
 */
const pages = {
  "the sign-in page": [],
  "a conversation": ["Shell"],
  "the account page": ["Shell", "AccountPage"],
} as const satisfies Record<string, readonly string[]>;

export type PageName = keyof typeof pages;

/**
 * The files of which an empty browser needs every one before it can show a page, by their paths in `dist`: the HTML,
 * the scripts and styles that it names, those of the page's own components, and what these scripts import. Not the
 * fonts, since text is there before them (`font-display: swap`), nor the icon, nor what the API answers.
 */
export function filesOf(page: PageName, dist = webDist): string[] {
  const html = readFileSync(new URL("index.html", dist), "utf8");
  const named = html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g);
  const own = pages[page].flatMap((component) => {
    const found = assetsOf(dist).filter((path) => nameOf(path) === component && isCode(path));
    if (found.length === 0) throw new Error(`The built web client has no ${component}, which ${page} needs.`);
    return found;
  });
  // A set that grows while it is gone through: what is imported may import something in turn.
  const files = new Set(["index.html", ...[...named].map(([, path]) => path!), ...own]);
  for (const path of files) {
    if (!path.endsWith(".js")) continue;
    const imports = readFileSync(new URL(path, dist), "utf8").matchAll(
      /(?:from|import)\s*["'`](\.\/[^"'`]+\.js)["'`]/g,
    );
    for (const [, imported] of imports) files.add(new URL(imported!, `file:///${path}`).pathname.slice(1));
  }
  return [...files];
}

/**
 * In kB: what a browser fetches for each page, every file compressed by itself; each lazily loaded file alone; and each
 * font, which is compressed in itself. Undefined where the web client was not built.
 */
export function sizeFigures(dist = webDist): Figure[] | undefined {
  if (!existsSync(new URL("index.html", dist))) return undefined;
  const files = (Object.keys(pages) as PageName[]).map((page) => ({ page, paths: filesOf(page, dist) }));
  const atOnce = filesOf("the sign-in page", dist);
  const later = assetsOf(dist).filter((path) => isCode(path) && !atOnce.includes(path));
  const sizes = new Map([...atOnce, ...later].map((path) => [path, sizesOf(dist, path)]));
  const fonts = assetsOf(dist).filter((path) => path.endsWith(".woff2"));
  const sum = (paths: string[], compression: keyof Sizes) =>
    paths.reduce((total, path) => total + sizes.get(path)![compression], 0);
  return [
    ...files.flatMap(({ page, paths }): Figure[] => [
      { what: `web: first load of ${page}, gzip`, value: sum(paths, "gzip"), unit: "kB" },
      { what: `web: first load of ${page}, brotli`, value: sum(paths, "brotli"), unit: "kB" },
    ]),
    ...later.map((path): Figure => {
      const kind = path.endsWith(".css") ? " (styles)" : "";
      return { what: `web: ${nameOf(path)}${kind}, gzip`, value: sum([path], "gzip"), unit: "kB" };
    }),
    ...fonts.map((path): Figure => {
      const value = statSync(new URL(path, dist)).size / 1_000;
      return { what: `web: font ${nameOf(path)}`, value, unit: "kB" };
    }),
  ];
}

type Sizes = ReturnType<typeof sizesOf>;

/** Compressed as hard as web/vite.config.ts does it, whose files the server hands out. */
function sizesOf(dist: URL, path: string) {
  const content = readFileSync(new URL(path, dist));
  return {
    gzip: gzipSync(content, { level: 9 }).length / 1_000,
    brotli: brotliCompressSync(content).length / 1_000,
  };
}

function assetsOf(dist: URL): string[] {
  return readdirSync(new URL("assets/", dist)).map((name) => `assets/${name}`);
}

const isCode = (path: string) => /\.(js|css)$/.test(path);

/** Without the folder and the eight characters that Vite derives from the content. */
const nameOf = (path: string) => path.replace(/^assets\/(.+)-[\w-]{8}\.\w+$/, "$1");
