import { randomUUID } from "node:crypto";
import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Writes a file whole or not at all: whoever reads it meanwhile, and whoever comes after a crash, finds the file of
 * before or the new one, never half of it. Throws what the file system says, and leaves nothing else behind then.
 */
export function replaceFile(path: string, text: string, mode: number): void {
  // Of this call alone: two that write the same file at once must not share it.
  const temporaryPath = `${path}.${randomUUID()}`;
  try {
    writeFileSync(temporaryPath, text, { mode, flush: true });
    // Whatever the mask of this process takes away.
    chmodSync(temporaryPath, mode);
    renameSync(temporaryPath, path);
  } catch (error) {
    rmSync(temporaryPath, { force: true });
    throw error;
  }
}
