import { expect, test } from "vitest";
import { describeVerdict, describeViolations } from "./check/report.ts";
import { huntMutants } from "./hunt-mutants.ts";
import { type PlayOptions, play } from "./play.ts";

/** The short form: the main faults once. `npm run chaos` is the long one. */
async function expectNothingLost(options: Omit<PlayOptions, "seed" | "minutes">): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { verdict, historyFile } = await play({ ...options, seed, minutes: 0 });
  const report = await describeViolations(historyFile, verdict.violations);
  expect(report, `${describeVerdict(verdict)}\nseed ${seed}`).toBe("");
  expect(verdict.acknowledged).toBeGreaterThan(1_000);
  expect(verdict.survived.size).toBe(options.faults.split(",").length);
}

test("in one process nothing is lost, doubled or put out of order", { timeout: 240_000 }, async () => {
  const faults = "kill,network,bus,poison,crash,postgres-killed,postgres-connections";
  await expectNothingLost({ mode: "embedded", faults, calmSeconds: 2 });
});

test("the checker finds a bug that was sown", { timeout: 240_000 }, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  expect(await huntMutants({ names: ["replays-not-looked-up"], seed })).toEqual([]);
});
