import { defineConfig } from "vitest/config";

/** The suffix of a test file tells its price: `.test.ts` no I/O, `.int.test.ts` real parts, `.e2e.test.ts` a browser. */
export default defineConfig({
  test: {
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
          exclude: ["**/node_modules/**"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "browser",
          globalSetup: "packages/testing/postgres-setup.ts",
          include: ["**/*.e2e.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
