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
/** How much longer the warm-up of the first load is. */
const coldStart = 4;

/** The loads behind the busy one, by name. */
function otherLoads({ pairs }: LoadOptions): [name: string, pairs: number, pace: LoadPlan["pace"]][] {
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

/** Drives one subject with every load in turn. */
export async function runLoads(subject: Subject, options: LoadOptions): Promise<Measurements> {
  const measurements: Record<string, Measurement> = { busy: await runBusyLoad(subject, options) };
  for (const [name, pairs, pace] of otherLoads(options)) {
    measurements[name] = await run(subject, { ...options, pairs }, pace);
  }
  return measurements;
}

/** The first load finds a program that has just started, and what its compiler does once is not what a message costs. */
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
