import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "./image-build.ts";

export interface ImageProcess {
  readonly process: ChildProcess;
  /** Everything printed so far, and what of it are errors. */
  readonly output: { text: string; errors: string };
  /** The exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
}

type Environment = Readonly<Record<string, string>>;

/** The Node.js of the base image: a copy, since the one that runs the tests may lie where only root may pass. */
export async function addNodeJs(image: Image): Promise<void> {
  const folder = join(image.root, "usr/local/bin");
  await mkdir(folder, { recursive: true });
  await cp(process.execPath, join(folder, "node"));
}

/** Runs a command of the image as its user, with its environment and nothing of this process'. */
export function startInImage(
  image: Image,
  command: readonly string[],
  environment: Environment,
): ImageProcess {
  const [program = "", ...parameters] = command;
  const [uid, gid] = image.user.split(":").map(Number);
  const child = spawn(join(image.root, "usr/local/bin", program), parameters, {
    cwd: join(image.root, image.workingFolder),
    env: { PATH: "/usr/bin:/bin", ...image.environment, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    // Who is not root runs the tests as the unprivileged user already.
    ...(process.getuid?.() === 0 ? { uid, gid } : {}),
  });
  const output = { text: "", errors: "" };
  child.stdout.on("data", (chunk) => {
    output.text += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.text += chunk;
    output.errors += chunk;
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { process: child, output, ended };
}

/** Resolves with the address that GoChat prints when it is ready; rejects with what it printed when it ended. */
export async function addressOf({ process: child, output, ended }: ImageProcess): Promise<string> {
  const ready = new Promise<string>((resolve) => {
    child.stdout!.on("data", () => {
      const url = /ready after .*: (http\S+)/.exec(output.text)?.[1];
      if (url) resolve(url);
    });
  });
  const failed = ended.then((code) => Promise.reject(new Error(`It ended with ${code}: ${output.text}`)));
  return Promise.race([ready, failed]);
}

/** Takes away the right to write, as a read-only root file system does. */
export async function makeReadOnly(path: string): Promise<void> {
  const { mode } = await lstat(path);
  await chmod(path, mode & 0o555);
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const inside = join(entry.parentPath, entry.name);
    await chmod(inside, (await lstat(inside)).mode & 0o555);
  }
}

export async function makeWritable(path: string): Promise<void> {
  await chmod(path, 0o755);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(path, entry.name));
  }
}
