import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findMutant } from "./armed/mutants.ts";
import type { Verdict } from "./check/judge.ts";
import { checkHistory } from "./check.ts";
import { chooseFaults, needsNamespace } from "./faults/faults.ts";
import { sowInDatabase } from "./faults/sow.ts";
import { chaosFolder } from "./results.ts";
import { run } from "./run.ts";
import { startEmbedded } from "./system/embedded.ts";
import { startStack } from "./system/stack.ts";
import type { System } from "./system/system.ts";

export interface PlayOptions {
  readonly mode: System["mode"];
  readonly seed: number;
  readonly minutes: number;
  /** Names with commas between, `all` or `none`. */
  readonly faults: string;
  readonly mutant?: string;
  readonly messagesPerSecond?: number;
  /** Between two faults, in seconds. */
  readonly calmSeconds?: number;
  /** Instead of calm, one fault right after the other. */
  readonly hurries?: boolean;
  /** Fewer silences, and nobody is waited for who is away for long. */
  readonly isShort?: boolean;
  readonly onProgress?: (text: string) => void;
}

export interface Played {
  readonly historyFile: string;
  readonly verdict: Verdict;
}

/** One run from start to end: a GoChat of its own, people, faults, a history, and the judgement of it. */
export async function play(options: PlayOptions): Promise<Played> {
  const {
    mode,
    seed,
    minutes,
    messagesPerSecond = 200,
    calmSeconds = 3,
    hurries = false,
    isShort = false,
    onProgress = () => {},
  } = options;
  const mutant = options.mutant === undefined ? undefined : findMutant(options.mutant, mode);
  await mkdir(chaosFolder, { recursive: true });
  const historyFile = join(
    chaosFolder,
    `${[mode, ...(options.mutant ? [options.mutant] : []), seed].join("-")}.jsonl`,
  );
  // Both are what people run; which one, the seed decides, as all else.
  const queueType = seed % 2 === 0 ? "classic" : "quorum";
  if (mode === "stack") onProgress(`the queues of RabbitMQ are ${queueType}`);
  onProgress(`what is seen goes to ${historyFile}`);
  try {
    const sown = options.mutant !== undefined && { mutant: options.mutant };
    await using system =
      mode === "embedded"
        ? await startEmbedded({ unreliableBus: true, ...sown })
        : await startStack({ ownAddresses: needsNamespace(options.faults), ...sown }, queueType);
    if (mutant?.sql) await sowInDatabase(system, mutant.sql);
    await run({
      system,
      historyFile,
      seed,
      minutes,
      faults: chooseFaults(mode, options.faults),
      people: 20,
      devicesPerPerson: 3,
      conversations: 30,
      messagesPerSecond,
      calmMs: calmSeconds * 1000,
      hurries,
      isShort,
      ...(mutant?.omits && { omits: mutant.omits }),
      onProgress,
    });
  } catch (error) {
    throw new Error(`The run broke off. What was seen until then is in ${historyFile}.`, { cause: error });
  }
  return { historyFile, verdict: await checkHistory(historyFile) };
}
