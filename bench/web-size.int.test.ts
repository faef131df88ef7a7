import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { filesOf, sizeFigures } from "./web-size.ts";

const index = "assets/index-CLUw7Zn_.js";
const shared = "assets/storage-CY-p_r4K.js";
const styles = "assets/index-CPhxYYIX.css";
const shell = "assets/Shell-BupJAOtT.js";
const ofShell = "assets/dates-aaaaaaaa.js";
const account = "assets/AccountPage-grW0HTaO.js";
const accountStyles = "assets/AccountPage-bbbbbbbb.css";
const font = "assets/letters-DCwSJGxG.woff2";
const links = `<link rel="modulepreload" href="/${shared}"><link rel="stylesheet" href="/${styles}">`;
/** As Vite writes them; each long enough that leaving it out would be seen in a sum. */
const built = {
  "index.html": `<script src="/theme.js"></script><script type="module" src="/${index}"></script>${links}`,
  "theme.js": "",
  [index]: 'import{a}from"./storage-CY-p_r4K.js";const b=()=>import(`./Shell-BupJAOtT.js`)',
  [`${index}.gz`]: "",
  [shared]: "",
  [styles]: "",
  [shell]:
    'import{a}from"./index-CLUw7Zn_.js";import"./dates-aaaaaaaa.js";import(`./AccountPage-grW0HTaO.js`)',
  [ofShell]: "",
  [account]: 'import{a}from"./Shell-BupJAOtT.js"',
  [accountStyles]: "",
  [font]: "",
};

async function withBuilt(files: Record<string, string>, check: (dist: URL) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "gochat-bench-"));
  try {
    await mkdir(join(folder, "assets"));
    for (const [path, content] of Object.entries(files))
      await writeFile(join(folder, path), content + " ".repeat(100_000));
    check(pathToFileURL(`${folder}/`));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a page is the HTML with what it names, the page's own files and what these import, each once", async () => {
  await withBuilt(built, (dist) => {
    const atOnce = ["index.html", "theme.js", index, shared, styles];
    expect(filesOf("the sign-in page", dist).toSorted()).toEqual(atOnce.toSorted());
    const conversation = [...atOnce, shell, ofShell];
    expect(filesOf("a conversation", dist).toSorted()).toEqual(conversation.toSorted());
    const whole = [...conversation, account, accountStyles];
    expect(filesOf("the account page", dist).toSorted()).toEqual(whole.toSorted());
  });
});

test("each page has its sum, and each lazily loaded file and each font a figure of its own", async () => {
  await withBuilt(built, (dist) => {
    const figures = Object.fromEntries(sizeFigures(dist)!.map(({ what, value }) => [what, value]));
    const gzip = (page: string) => figures[`web: first load of ${page}, gzip`]!;
    const alone = ["Shell", "dates"].reduce((sum, name) => sum + figures[`web: ${name}, gzip`]!, 0);
    expect(gzip("a conversation")).toBeCloseTo(gzip("the sign-in page") + alone);
    const accountAlone = figures["web: AccountPage, gzip"]! + figures["web: AccountPage (styles), gzip"]!;
    expect(gzip("the account page")).toBeCloseTo(gzip("a conversation") + accountAlone);
    expect(figures["web: first load of a conversation, brotli"]).toBeLessThan(gzip("a conversation"));
    expect(figures["web: font letters"]).toBe(100);
    expect(Object.keys(figures)).toHaveLength(3 * 2 + 4 + 1);
  });
});

test("a component that was not built is an error, and there may be no build at all", async () => {
  const { [shell]: _, ...withoutShell } = built;
  await withBuilt(withoutShell, (dist) => {
    expect(() => filesOf("a conversation", dist)).toThrow("has no Shell, which a conversation needs");
  });
  await withBuilt({}, (dist) => expect(sizeFigures(dist)).toBeUndefined());
});
