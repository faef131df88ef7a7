import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { buildKustomization, type KubernetesObject } from "./kubernetes-objects.ts";

const source = resolve(import.meta.dirname, "../kubernetes");
export const overlays = ["single", "production"] as const;
export type Overlay = (typeof overlays)[number];

/** The objects of an overlay, with something in the place of each secret; `components` as one of your own adds them. */
export async function buildOverlay(
  overlay: Overlay,
  components: readonly string[] = [],
): Promise<KubernetesObject[]> {
  const folder = await mkdtemp(join(tmpdir(), "gochat-kubernetes-"));
  try {
    await cp(source, folder, { recursive: true });
    for (const part of ["services", "engines"]) await fillSecrets(join(folder, "secrets", part));
    const own = join(folder, "overlays/own");
    await mkdir(own);
    await writeFile(join(own, "kustomization.yaml"), stringify(ownOverlay(overlay, components)));
    return await buildKustomization(own);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ownOverlay(overlay: Overlay, components: readonly string[]): object {
  return { resources: [`../${overlay}`], components: components.map((name) => `../../${name}`) };
}

async function fillSecrets(folder: string): Promise<void> {
  for (const path of await secretFiles(folder)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), "only a test");
  }
}

/** The files that the secrets of this kustomization are made from, `auth/keys.json` and so on. */
export async function secretFiles(folder: string): Promise<string[]> {
  const { secretGenerator } = parse(await readFile(join(folder, "kustomization.yaml"), "utf8"));
  return secretGenerator.flatMap(({ files }: { files: string[] }) => files);
}
