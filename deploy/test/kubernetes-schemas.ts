import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { KubernetesObject } from "./kubernetes-objects.ts";

const repository = resolve(import.meta.dirname, "../..");
const checkTimeoutMs = 60_000;

/**
 * What is wrong with these objects by the schemas of the Kubernetes API, one line each: required fields, types and
 * formats by the validators that are made from them, unknown fields by the types that are made from them.
 */
export async function schemaErrors(objects: readonly KubernetesObject[]): Promise<string[]> {
  const invalid = await Promise.all(objects.map(validate));
  return [...invalid.flat(), ...(await typeErrors(objects))];
}

async function validate(object: KubernetesObject): Promise<string[]> {
  const { apiVersion, kind, metadata } = object;
  const name = `kubernetes-models/${apiVersion}`;
  const models = await import(/* @vite-ignore */ name);
  try {
    new models[kind](object).validate();
    return [];
  } catch (error) {
    return [`${kind} ${metadata.name}: ${(error as Error).message}`];
  }
}

/** The objects as TypeScript, which allows no field that the type of a literal does not have. */
async function typeErrors(objects: readonly KubernetesObject[]): Promise<string[]> {
  // Inside the repository, where the packages are found.
  const folder = await mkdtemp(join(repository, "node_modules/.kubernetes-"));
  try {
    const names = await Promise.all(objects.map((object, index) => writeObject(folder, object, index)));
    const options = { strict: true, noEmit: true, skipLibCheck: true, module: "nodenext", types: [] };
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, files: names }),
    );
    return await compile(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeObject(folder: string, object: KubernetesObject, index: number): Promise<string> {
  const { apiVersion, kind, metadata } = object;
  const name = `${kind}-${metadata.name}-${index}.ts`;
  const source = `import type { I${kind} } from "kubernetes-models/${apiVersion}";
export const object: I${kind} = ${JSON.stringify(object, null, 1)};\n`;
  await writeFile(join(folder, name), source);
  return name;
}

async function compile(folder: string): Promise<string[]> {
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  try {
    await promisify(execFile)(process.execPath, [compiler, "-p", "."], {
      cwd: folder,
      timeout: checkTimeoutMs,
    });
    return [];
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (!stdout) throw error;
    return stdout.trim().split("\n");
  }
}
