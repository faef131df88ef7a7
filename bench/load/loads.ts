import type { Subject as Processes } from "../processes.ts";
import { type Measurement, measure } from "./measure.ts";
import type { LoadPlan, Seat } from "./plan.ts";

/** How hard and how long every subject is driven; the same for all of one run. */
export interface LoadOptions {
  readonly pairs: number;
  readonly window: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

export type Measurements = Readonly<Record<string, Measurement>>;

const calmPairs = 50;
const rates = [500, 2_000, 5_000];
const bodyLength = 80;
/** How much longer the warm-up of a program is that has just started. */
const coldStart = 4;

/** The loads ahead of the busy one, by name. */
function otherLoads({
  pairs,
}: Pick<LoadOptions, "pairs">): [name: string, pairs: number, pace: LoadPlan["pace"]][] {
  return [
    ["calm", Math.min(calmPairs, pairs), { window: 1 }],
    ...rates.map((perSecond): [string, number, LoadPlan["pace"]] => [
      `${perSecond.toLocaleString("en")}/s`,
      pairs,
      { perSecond },
    ]),
  ];
}

/** Whom the loads drive. `seats`: two for each pair. */
export interface Subject extends Processes {
  readonly protocol: LoadPlan["protocol"];
  readonly seats: readonly Seat[];
}

/**
 * Drives one subject with every load in turn. The busy one, by which programs are compared, comes last: in its first
 * quarter of a minute under load a program is still compiled, and its tables are empty, and it runs for months.
 */
export async function runLoads(subject: Subject, options: LoadOptions): Promise<Measurements> {
  const { pairs, window } = options;
  await run(subject, { ...options, seconds: coldStart * options.warmUpSeconds }, { window });
  const others: Record<string, Measurement> = {};
  for (const [name, count, pace] of otherLoads({ pairs })) {
    others[name] = await run(subject, { ...options, pairs: count }, pace);
  }
  return { busy: await run(subject, options, { window }), ...others };
}

/** The busy load alone, against a program that has just started. */
export function runBusyLoad(subject: Subject, options: LoadOptions): Promise<Measurement> {
  const warmUpSeconds = coldStart * options.warmUpSeconds;
  return run(subject, { ...options, warmUpSeconds }, { window: options.window });
}

function run(subject: Subject, options: LoadOptions, pace: LoadPlan["pace"]): Promise<Measurement> {
  const { seconds, warmUpSeconds } = options;
  const { protocol, seats } = subject;
  const pairs = pairUp(seats, options.pairs);
  return measure(subject, { protocol, pairs, pace, seconds, warmUpSeconds, bodyLength });
}

/** With the name of who was driven before the name of the load. */
export function named(subject: string, loads: Measurements): Measurements {
  return Object.fromEntries(Object.entries(loads).map(([name, run]) => [`${subject}, ${name}`, run]));
}

/** People two by two: one sends, the other gets. */
export function pairUp(seats: readonly Seat[], count: number): LoadPlan["pairs"] {
  return Array.from({ length: count }, (_, index) => ({
    sender: seats[2 * index]!,
    recipient: seats[2 * index + 1]!,
  }));
}
