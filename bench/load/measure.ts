import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type CpuSample, cpuBetween, type Subject, sampleCpu } from "../processes.ts";
import type { LoadMessage, LoadPlan, LoadResult } from "./plan.ts";

export interface Measurement extends LoadResult {
  /** Share of one core that each process took, such as `{ "chat-1": 0.9, postgres: 0.6, generator: 0.7 }`. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** Runs a plan in a process of its own, and looks at the CPU time of what is measured meanwhile. */
export async function measure(subject: Subject, plan: LoadPlan): Promise<Measurement> {
  const generator = fork(new URL("generator.ts", import.meta.url), { serialization: "advanced" });
  const itself: Subject = { roots: [generator.pid!], parts: { generator: generator.pid! } };
  const samples: Partial<Record<"measuring" | "measured", { server: CpuSample; generator: CpuSample }>> = {};
  generator.on("message", (message: LoadMessage) => {
    if (message.type === "result") return;
    samples[message.type] = { server: sampleCpu(subject), generator: sampleCpu(itself) };
  });
  try {
    generator.send(plan);
    const result = await resultOf(generator, (plan.warmUpSeconds + plan.seconds) * 1_000 + 60_000);
    const { measuring, measured } = samples;
    if (!measuring || !measured) return { ...result, cpu: {} };
    const load = cpuBetween(measuring.generator, measured.generator);
    return { ...result, cpu: { ...cpuBetween(measuring.server, measured.server), ...load } };
  } finally {
    generator.kill();
  }
}

async function resultOf(generator: ChildProcess, timeoutMs: number): Promise<LoadResult> {
  const signal = AbortSignal.timeout(timeoutMs);
  const ended = once(generator, "exit", { signal }).then(([code]) => {
    throw new Error(`The load generator ended with ${code}.`);
  });
  const result = new Promise<LoadResult>((resolve) => {
    generator.on("message", (message: LoadMessage) => {
      if (message.type === "result") resolve(message.result);
    });
  });
  return Promise.race([result, ended]);
}
