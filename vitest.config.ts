import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** What concerns the whole system is tested in both modes: in one process, and as services apart behind NGINX. */
const wholeSystem = ["tests/stories", "tests/security"];
/** People, faults and a judgement by the clock: alone on the machine, after everything else. */
const chaos = "tests/chaos/chaos.int.test.ts";
/** On a busy machine an engine or a browser may miss a time limit. What fails twice is broken. */
const retry = process.env.CI ? 1 : 0;
const modes = [
  { mode: "embedded", globalSetup: "packages/testing/postgres-setup.ts" },
  { mode: "stack", globalSetup: "packages/testing/stack-setup.ts" },
] as const;

/** The suffix of a test file tells its price: `.test.ts` no I/O, `.int.test.ts` real parts, `.e2e.test.ts` a browser. */
export default defineConfig({
  test: {
    // Most files wait for an engine or a process most of the time: one for each core, where Vitest would leave one out.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: "rules",
          include: ["**/*.test.ts", "**/*.test.tsx"],
          exclude: ["**/node_modules/**", "**/*.int.test.ts", "**/*.e2e.test.ts"],
        },
      },
      {
        test: {
          name: "integration",
          globalSetup: "packages/testing/postgres-setup.ts",
          include: ["**/*.int.test.ts"],
          exclude: ["**/node_modules/**", chaos, ...wholeSystem.map((folder) => `${folder}/**`)],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          retry,
        },
      },
      ...modes.flatMap(({ mode, globalSetup }) => [
        {
          test: {
            name: `stories (${mode})`,
            globalSetup,
            provide: { mode },
            include: wholeSystem.map((folder) => `${folder}/*.int.test.ts`),
            testTimeout: 30_000,
            hookTimeout: 60_000,
            retry,
          },
        },
        {
          test: {
            name: `browser (${mode})`,
            globalSetup,
            provide: { mode },
            include: ["**/*.e2e.test.ts"],
            exclude: ["**/node_modules/**"],
            testTimeout: 120_000,
            hookTimeout: 120_000,
            fileParallelism: false,
            sequence: { groupOrder: 1 },
            retry,
          },
        },
      ]),
      {
        test: {
          name: "chaos",
          include: [chaos],
          testTimeout: 300_000,
          retry,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
