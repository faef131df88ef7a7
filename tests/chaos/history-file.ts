import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import type { Fact } from "./history.ts";

/** A short hash of a body, which stands for its bytes. */
export function hashBody(body: string): string {
  return createHash("sha256").update(body).digest("base64url").slice(0, 12);
}

/** Writes a history file; the only clock of a run is here. */
export interface HistoryWriter extends AsyncDisposable {
  /** Milliseconds since the run began. */
  now(): number;
  write(fact: Fact): void;
}

export function writeHistory(path: string): HistoryWriter {
  const file = createWriteStream(path);
  const began = performance.now();
  const now = () => Math.round((performance.now() - began) * 1000) / 1000;
  return {
    now,
    write(fact) {
      // What a device still had in hand when the run was over.
      if (!file.writableEnded) file.write(`${JSON.stringify({ t: now(), ...fact })}\n`);
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => file.end(() => resolve())),
  };
}
