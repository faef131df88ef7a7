import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

interface Manifest {
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
}

/** Every package that the root or a workspace names, GoChat's own aside. */
function directDependencies(): string[] {
  const workspaces = readManifest(".").workspaces ?? [];
  const folders = globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  ).map((path) => join(path, ".."));
  const names = [".", ...folders].flatMap((folder) => {
    const { dependencies, devDependencies } = readManifest(folder);
    return Object.keys({ ...dependencies, ...devDependencies });
  });
  return [...new Set(names)].filter((name) => !name.startsWith("@gochat/")).sort();
}

test("docs/dependencies.md has one line for each direct dependency, and for nothing else", () => {
  const text = readFileSync(join(root, "docs/dependencies.md"), "utf8");
  const listed = [...text.matchAll(/^\| `([^`]+)` \| .+ \| .+ \|$/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(directDependencies());
});
