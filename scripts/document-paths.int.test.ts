import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const documents = globSync(["*.md", "docs/**/*.md", "services/*/README.md"], { cwd: root });

/** Targets of relative links, without the part behind `#`. */
function linkedPaths(text: string): string[] {
  const targets = Array.from(text.matchAll(/\]\(([^)#]+)[^)]*\)/g), ([, target]) => target!);
  return targets.filter((target) => !target.startsWith("https:"));
}

/** Files that a document names from the root, such as `packages/broker/broker.ts`. */
function namedFiles(text: string): string[] {
  const names = text.matchAll(
    /`((?:packages|services|server|web|scripts|docs|tests|bench)\/[\w./-]+\.\w+)`/g,
  );
  return Array.from(names, ([, name]) => name!);
}

test.each(documents)("what %s points to is there", (document) => {
  const text = readFileSync(join(root, document), "utf8");
  const linked = linkedPaths(text).map((path) => join(dirname(document), path));
  const missing = [...linked, ...namedFiles(text)].filter((path) => !existsSync(join(root, path)));
  expect(missing).toEqual([]);
});

test("a script is never said to be run by a Node.js of the machine, which may not know TypeScript", () => {
  const sources = globSync(["scripts/*.ts", "packages/runtime/*.ts", "server/src/*.ts"], { cwd: root });
  const bare = [...documents, ".env.example", ...sources].flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    const commands = text.matchAll(
      /(?<!npx |exec \w+ |[\w/.-])node (?:--\S+ )*(?:scripts|server|tests|bench)\/\S+\.ts/g,
    );
    return Array.from(commands, ([command]) => `${path}: ${command}`);
  });
  expect(bare).toEqual([]);
});
