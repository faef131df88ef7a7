import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import type { ServiceName } from "@gochat/contracts/events/event";
import { StartError } from "@gochat/database/start-error";
import { replaceFile } from "@gochat/runtime/replace-file";

/** What `npm run stack -- --state FILE` keeps in the file. */
export interface StackState {
  readonly url: string;
  readonly services: Readonly<Record<ServiceName, readonly Part[]>>;
  readonly postgres: EnginePart;
  readonly rabbitmq: EnginePart;
  readonly redis: EnginePart;
  readonly nginx: { readonly pid: number };
}

export interface Part {
  readonly pid: number;
  readonly url: string;
}

/** Without a process where it was given by its URL. */
export interface EnginePart {
  readonly pid: number | null;
  readonly url: string;
}

/** So that nothing is started for a file that cannot be written. Throws a StartError. */
export function checkStateFile(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw new StartError(
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code}). Give another file with --state.`,
    );
  }
}

/** Readable by its owner alone: it holds passwords. */
export function writeState(path: string, state: StackState): void {
  replaceFile(path, `${JSON.stringify(state, null, 2)}\n`, 0o600);
}
