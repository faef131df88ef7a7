import { fork } from "node:child_process";
import { once } from "node:events";

/** What a generator tells its parent: its result in the end, and other things before. */
export type Told<Result> = { readonly type: "result"; readonly result: Result } | { readonly type: string };

/**
 * Runs a load generator in a process of its own, so that it takes no time from what is measured: forked with a plan, until
 * it tells its result. `hear` gets the process id with whatever it tells before. Throws where it ends without a result, or
 * takes longer than `timeoutMs`.
 */
export async function runForked<Result>(
  module: URL,
  plan: object,
  timeoutMs: number,
  hear: (type: string, pid: number) => void = () => {},
): Promise<Result> {
  const generator = fork(module, { serialization: "advanced" });
  try {
    const result = new Promise<Result>((resolve) => {
      generator.on("message", (told: Told<Result>) => {
        if ("result" in told) resolve(told.result);
        else hear(told.type, generator.pid!);
      });
    });
    const ended = once(generator, "exit", { signal: AbortSignal.timeout(timeoutMs) }).then(([code]) => {
      throw new Error(`The load generator ended with ${code}.`);
    });
    generator.send(plan);
    return await Promise.race([result, ended]);
  } finally {
    generator.kill();
  }
}
