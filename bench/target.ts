import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceName } from "@gochat/contracts/events/event";
import type { Subject } from "./processes.ts";

/** A running GoChat, in whichever mode. */
export interface Target extends AsyncDisposable, Subject {
  readonly mode: "embedded" | "stack";
  readonly url: string;
  /** From the start of the process until it was ready. */
  readonly readyAfterMs: number;
  /** Of the superuser, in the database of this service. */
  databaseUrl(service: ServiceName): string;
  /** With the key that signs access tokens. */
  readonly keysFile: string;
}

const removal = { recursive: true, force: true, maxRetries: 5 } as const;
const temporaryFolders = new Set<string>();

/** A new folder for data that nobody needs afterwards. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "gochat-bench-"));
  temporaryFolders.add(path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, removal);
      temporaryFolders.delete(path);
    },
  };
}

/** Those that are still there, of a run that ends before its time. */
export function removeTemporaryFolders(): void {
  for (const path of temporaryFolders) rmSync(path, removal);
}
