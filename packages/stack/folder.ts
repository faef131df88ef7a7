import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { StartError } from "@gochat/database/start-error";
import { endLeftover, isRunning, writeProcessFile } from "@gochat/engines/process-file";

/** Where a stack keeps its data, logs and process files. One stack at a time. */
export interface StackFolder extends AsyncDisposable {
  readonly path: string;
}

const temporaryName = "gochat-stack-";

/** Takes the folder, or a new temporary one, after ending what a killed stack left running there. */
export async function takeFolder(given: string | undefined): Promise<StackFolder> {
  await clearAbandoned();
  const path = given === undefined ? mkdtempSync(join(tmpdir(), temporaryName)) : resolve(given);
  makeFolder(path);
  const processFile = join(path, "stack.pid");
  if (isRunning(processFile)) {
    throw new StartError(
      `The folder ${path} is in use by another stack. Stop that one, or give another with --data.`,
    );
  }
  await endLeftovers(path);
  writeProcessFile(processFile, process.pid);
  return {
    path,
    async [Symbol.asyncDispose]() {
      rmSync(processFile, { force: true });
      if (given === undefined) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o711 });
  } catch (error) {
    throw new StartError(
      `The folder ${path} cannot be made (${(error as NodeJS.ErrnoException).code}). Give another with --data.`,
    );
  }
}

/** The process file of every part in this folder, and of RabbitMQ's port mapper. */
function processFilesIn(path: string): string[] {
  return globSync(["*/engine.pid", "rabbitmq/epmd/engine.pid"], { cwd: path }).map((file) =>
    join(path, file),
  );
}

async function endLeftovers(path: string): Promise<void> {
  for (const file of processFilesIn(path)) await endLeftover(file);
}

/** Temporary folders of stacks that were killed: nobody will come back to them. */
async function clearAbandoned(): Promise<void> {
  for (const file of globSync(join(tmpdir(), `${temporaryName}*`, "stack.pid"))) {
    if (isRunning(file)) continue;
    const path = dirname(file);
    await endLeftovers(path);
    if (existsSync(path)) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  }
}
