import { accessSync, constants, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ServiceName } from "@gochat/contracts/events/event";
import { StartError } from "@gochat/database/start-error";

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

/** Whole or not at all: whoever reads never sees half a file. It holds passwords. */
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

export function writeState(path: string, state: StackState): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}
