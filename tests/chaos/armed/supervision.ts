import type { Patch } from "./patch.ts";

/** What is killed again and again is not at fault: it is started again at once each time. */
export const supervisionPatches: readonly Patch[] = [
  {
    file: "packages/stack/keep-running.ts",
    find: "const steadyMs = 10_000;",
    replace: "const steadyMs = 0;",
  },
];
