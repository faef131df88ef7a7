import { sumOf } from "./counts.ts";
import { fillPeople, seatOf } from "./fill/people.ts";
import { runForked } from "./load/forked.ts";
import { pairUp, runLoads, subjectOf, warmUp } from "./load/loads.ts";
import type { Measurement } from "./load/measure.ts";
import type { OverloadPlan, OverloadResult } from "./overload/plan.ts";
import { memoryOf } from "./processes.ts";
import { type Figure, type Findings, type Options, type Run, scaled } from "./scenario.ts";
import { startServer } from "./server.ts";
import { messagesIn } from "./storage.ts";
import { type Target, temporaryFolder } from "./target.ts";

const times = 10;
const fullSeconds = 120;
const secondsOfWhole = 15;
const generator = new URL("overload/overload-process.ts", import.meta.url);
/** For connecting, and for the last answers. */
const patienceMs = 90_000;

/** Ten times what the single process can take, for two minutes. */
export async function benchOverload(options: Options, { isWhole }: Run): Promise<Findings> {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  const findings = await measureOverload(server, options, isWhole ? secondsOfWhole : fullSeconds);
  const shorter = `In a whole run the overload lasts ${secondsOfWhole} s: npm run bench -- overload takes ${fullSeconds} s.`;
  return { ...findings, notes: [...(findings.notes ?? []), ...(isWhole ? [shorter] : [])] };
}

export async function measureOverload(
  target: Target,
  options: Options,
  longest = fullSeconds,
): Promise<Findings> {
  const people = await fillPeople(target, 2 * options.pairs, "eager");
  const seats = people.map((person) => seatOf(target, person));
  const subject = subjectOf(target, seats);
  // As the overload is driven, or the server would have less of the cores to show what it can take.
  const alike = { ...options, seconds: 2 * options.seconds, yields: true };
  const capacityNow = async (): Promise<Measurement> => (await runLoads(subject, ["busy"], alike)).busy!;
  // A cold server has less to compare with.
  await warmUp(subject, options);
  const capacity = await capacityNow();
  const storedBefore = await messagesIn(target.databaseUrl("messages"));
  const memory: number[] = [];
  const look = () => {
    const now = memoryOf(target.roots[0]!)?.pss;
    if (now !== undefined) memory.push(now);
  };
  look();
  const watch = setInterval(look, 1_000);
  const perSecond = Math.max(10, times * capacity.perSecond);
  const lasting = scaled(longest, options, 1);
  const pairs = pairUp(seats, options.pairs);
  const plan: OverloadPlan = { pairs, perSecond, seconds: lasting, atOnce: Math.ceil(options.window) };
  const result = await runForked<OverloadResult>(generator, plan, lasting * 1_000 + patienceMs).finally(() =>
    clearInterval(watch),
  );
  const inLog = (await messagesIn(target.databaseUrl("messages"))) - storedBefore;
  // A server that has come through it takes as much as before, and the machine is a faster or slower one by then.
  const after = await capacityNow();
  const capacities = { capacity: capacity.perSecond, capacityAfter: after.perSecond };
  const managed = result.attempts / lasting / capacity.perSecond;
  const less = `The generator managed ${managed.toFixed(1)} times the capacity, not ${times}: it has the same cores.`;
  return {
    loads: { "overload, capacity before": capacity, "overload, capacity after": after },
    figures: figuresOf(result, { ...capacities, managed, seconds: lasting, memory, inLog }),
    notes: managed < times * 0.9 ? [less] : [],
  };
}

interface Circumstances {
  /** Messages a second, without the overload. */
  readonly capacity: number;
  readonly capacityAfter: number;
  /** How many times the capacity was attempted. */
  readonly managed: number;
  readonly seconds: number;
  /** Of the process tree in MB, before and then each second. */
  readonly memory: readonly number[];
  /** Messages that the overload added to the log. */
  readonly inLog: number;
}

function figuresOf(
  result: OverloadResult,
  { capacity, capacityAfter, managed, seconds, memory, inLog }: Circumstances,
): Figure[] {
  const refused = sumOf(result.refused);
  const figure = (what: string, value: number, unit: Figure["unit"] = ""): Figure => ({
    what: `overload: ${what}`,
    value,
    unit,
  });
  return [
    figure("for so long", seconds, "s"),
    figure("attempts", result.attempts / seconds, "a second"),
    figure("attempts, of the capacity before", managed, "times"),
    figure("accepted", result.storedPerSecond, "a second"),
    figure("accepted, of the capacity before", result.storedPerSecond / capacity, "times"),
    figure("accepted, of the capacity after", result.storedPerSecond / capacityAfter, "times"),
    figure(
      "accepted, of the mean capacity before and after",
      (2 * result.storedPerSecond) / (capacity + capacityAfter),
      "times",
    ),
    figure("refused as BUSY, of all refused", (result.refused.BUSY ?? 0) / refused),
    figure("from the attempt to its refusal, p50", result.refusedP50, "ms"),
    figure("from the attempt to its refusal, p99", result.refusedP99, "ms"),
    figure("from the attempt to its refusal, longest", result.refusedMax, "ms"),
    figure("attempts without an answer", result.unanswered),
    figure("told stored, and not in the log, or the reverse", Math.abs(result.stored - inLog)),
    figure(
      "told stored, and not at the recipient, or the reverse",
      Math.abs(result.stored - result.received),
    ),
    figure("held back by the sockets or the generator", result.heldBack / seconds, "a second"),
    ...(memory.length < 3
      ? []
      : [
          figure("memory before", memory[0]!, "MB"),
          figure("memory at most", Math.max(...memory), "MB"),
          figure("memory at most, second half over first", growthOf(memory), "times"),
        ]),
  ];
}

/** What is bounded does not grow with time: the most of the second half over that of the first. */
function growthOf(memory: readonly number[]): number {
  const middle = Math.ceil(memory.length / 2);
  return Math.max(...memory.slice(middle)) / Math.max(...memory.slice(0, middle));
}
