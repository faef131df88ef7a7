import { type CpuSample, cpuBetween, type Subject, sampleCpu } from "../processes.ts";
import { runForked } from "./forked.ts";
import type { LoadPlan, LoadResult } from "./plan.ts";
import { percentilesOf } from "./tally.ts";

const generator = new URL("generator.ts", import.meta.url);
/** For connecting, and for what is under way in the end. */
const patienceMs = 60_000;

export interface Measurement extends LoadResult {
  /** Share of one core that each process took, such as `{ "chat-1": 0.9, postgres: 0.6, generator: 0.7 }`. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** Runs a plan in a process of its own, and looks at the CPU time of what is measured meanwhile. */
export async function measure(subject: Subject, plan: LoadPlan): Promise<Measurement> {
  const samples: Record<string, { server: CpuSample; generator: CpuSample }> = {};
  const timeoutMs = (plan.warmUpSeconds + plan.seconds) * 1_000 + patienceMs;
  const result = await runForked<LoadResult>(generator, plan, timeoutMs, (type, pid) => {
    const itself: Subject = { roots: [pid], parts: { generator: pid } };
    samples[type] = { server: sampleCpu(subject), generator: sampleCpu(itself) };
  });
  const { measuring, measured } = samples;
  if (!measuring || !measured) return { ...result, cpu: {} };
  const load = cpuBetween(measuring.generator, measured.generator);
  return { ...result, cpu: { ...cpuBetween(measuring.server, measured.server), ...load } };
}

/** Of several runs of one plan, figure by figure; what was refused, lost or repeated is that of all of them. */
export function medianOf(runs: readonly Measurement[]): Measurement {
  const median = (figure: (run: Measurement) => number) => percentilesOf(runs.map(figure)).p50;
  const sum = (figure: (run: Measurement) => number) => runs.reduce((total, run) => total + figure(run), 0);
  const namesOf = (part: "rejected" | "cpu") => [...new Set(runs.flatMap((run) => Object.keys(run[part])))];
  return {
    delivered: median((run) => run.delivered),
    perSecond: median((run) => run.perSecond),
    p50: median((run) => run.p50),
    p99: median((run) => run.p99),
    p999: median((run) => run.p999),
    max: median((run) => run.max),
    rejected: Object.fromEntries(
      namesOf("rejected").map((code) => [code, sum((run) => run.rejected[code] ?? 0)]),
    ),
    arrived: sum((run) => run.arrived),
    lost: sum((run) => run.lost),
    repeated: sum((run) => run.repeated),
    cpu: Object.fromEntries(
      namesOf("cpu").map((program) => [program, median((run) => run.cpu[program] ?? 0)]),
    ),
  };
}
