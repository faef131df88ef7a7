/**
 * A change of the product's source that only a test makes, in the memory of a process that it starts. So the product
 * has no switch for its own faults: nothing that could be left on, and no cost.
 */
export interface Patch {
  /** From the root of the repository. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** Throws where a patch fits no longer, since a test that changes nothing proves nothing. */
export function applyPatches(source: string, patches: readonly Patch[]): string {
  return patches.reduce((text, { file, find, replace }) => {
    const count = text.split(find).length - 1;
    if (count !== 1) throw new Error(`A patch of ${file} must fit once and fits ${count} times: ${find}`);
    return text.replace(find, () => replace);
  }, source);
}
