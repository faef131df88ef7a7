import { constants, setPriority } from "node:os";

/** A generator stands for other machines: this one takes of the cores what the server leaves. */
export function yieldCores(): void {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
