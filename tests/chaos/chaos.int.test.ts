import { expect, test } from "vitest";
import { describeVerdict, describeViolations } from "./check/report.ts";
import { huntMutants } from "./hunt-mutants.ts";
import { type PlayOptions, play } from "./play.ts";

/** The short form: the main faults once each, at half the pace. `npm run chaos` is the long one. */
async function expectNothingLost(mode: PlayOptions["mode"], faults: readonly string[]): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { verdict, historyFile } = await play({
    mode,
    seed,
    minutes: 0,
    messagesPerSecond: 100,
    faults: faults.join(","),
    calmSeconds: 1.5,
    isShort: true,
  });
  const report = await describeViolations(historyFile, verdict.violations);
  expect(report, `${describeVerdict(verdict)}\nseed ${seed}, history ${historyFile}`).toBe("");
  expect(verdict.acknowledged).toBeGreaterThan(1_000);
  expect([...verdict.survived.keys()].sort()).toEqual(faults.toSorted());
}

test("in one process nothing is lost, doubled or put out of order", async () => {
  await expectNothingLost("embedded", ["kill", "network", "bus", "poison", "crash", "postgres-killed"]);
});

test("with services apart nothing is lost, doubled or put out of order", async () => {
  await expectNothingLost("stack", [
    "kill-notifications",
    "kill-messages",
    "network",
    "rabbitmq-killed",
    "binding-deleted",
    "redis-flushed",
    "postgres-killed",
  ]);
});

test("the checker finds a bug that was sown", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  expect(await huntMutants({ mode: "embedded", names: ["replays-not-looked-up"], seed })).toEqual([]);
});
