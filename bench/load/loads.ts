import { twoByTwo } from "../counts.ts";
import type { Subject as Processes } from "../processes.ts";
import { type Measurement, measure, medianOf } from "./measure.ts";
import type { LoadPlan, Seat } from "./plan.ts";

/** How hard and how long every subject is driven; the same for all of one run. */
export interface LoadOptions {
  readonly pairs: number;
  readonly window: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Of the generator: see `LoadPlan`. Default false, as it has been for all that is compared. */
  readonly yields?: boolean;
}

export type Measurements = Readonly<Record<string, Measurement>>;

const calmPairs = 50;
/** Characters of each message. */
export const bodyLength = 80;
/** How much longer the warm-up of a program is that has just started. */
const coldStart = 4;
/** How often each is driven by `runInTurn`. */
const turns = 3;

/** How many pairs, and how fast. */
const loads = {
  busy: ({ pairs, window }) => ({ pairs, pace: { window } }),
  calm: ({ pairs }) => ({ pairs: Math.min(calmPairs, pairs), pace: { window: 1 } }),
  "500/s": ({ pairs }) => ({ pairs, pace: { perSecond: 500 } }),
  "2,000/s": ({ pairs }) => ({ pairs, pace: { perSecond: 2_000 } }),
  "5,000/s": ({ pairs }) => ({ pairs, pace: { perSecond: 5_000 } }),
} satisfies Record<string, (options: LoadOptions) => { pairs: number; pace: LoadPlan["pace"] }>;

export type LoadName = keyof typeof loads;

/** All but the busy one, by which programs are compared in turn. */
export const singleLoads: readonly LoadName[] = ["calm", "500/s", "2,000/s", "5,000/s"];

/** Whom the loads drive. `seats`: two for each pair. */
export interface Subject extends Processes {
  readonly protocol: LoadPlan["protocol"];
  readonly seats: readonly Seat[];
}

/** GoChat, driven by these people. */
export function subjectOf({ roots, parts }: Processes, seats: readonly Seat[]): Subject {
  return { roots, ...(parts && { parts }), protocol: "gochat", seats };
}

/** As its rows are called. */
export interface NamedSubject {
  readonly name: string;
  readonly subject: Subject;
}

/**
 * The busy load, before anything is measured: a program that has just started is still being compiled, on empty tables, and
 * a message costs it a quarter more than in all the months after.
 */
export async function warmUp(subject: Subject, options: LoadOptions): Promise<void> {
  await run(subject, "busy", { ...options, seconds: coldStart * options.warmUpSeconds });
}

/** Drives one subject with each of these loads. */
export async function runLoads(
  subject: Subject,
  names: readonly LoadName[],
  options: LoadOptions,
): Promise<Measurements> {
  const found: Record<string, Measurement> = {};
  for (const name of names) found[name] = await run(subject, name, options);
  return found;
}

/**
 * Drives two warm subjects one after the other, and that several times: a shared machine is half as fast again in one minute
 * as in the next, and nearly stands still for a tenth of a second now and then. Answers the median of each figure, under
 * names such as `stack beside relay, busy`.
 */
export async function runInTurn(
  [one, other]: readonly [NamedSubject, NamedSubject],
  load: LoadName,
  options: LoadOptions,
): Promise<Measurements> {
  const half = { ...options, warmUpSeconds: options.warmUpSeconds / 2 };
  const [ofOne, ofOther]: [Measurement[], Measurement[]] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    ofOne.push(await run(one.subject, load, half));
    ofOther.push(await run(other.subject, load, half));
  }
  return {
    ...named(besideName(one.name, other.name), { [load]: medianOf(ofOne) }),
    ...named(besideName(other.name, one.name), { [load]: medianOf(ofOther) }),
  };
}

const beside = " beside ";

/** What a subject is called where it was driven in turn with another. */
export function besideName(one: string, other: string): string {
  return `${one}${beside}${other}`;
}

/** The two of `besideName`; no other where it was driven alone. */
export function namesBeside(name: string): [one: string, other: string | undefined] {
  const [one, other] = name.split(beside);
  return [one!, other];
}

function run(subject: Subject, name: LoadName, options: LoadOptions): Promise<Measurement> {
  const { seconds, warmUpSeconds, yields } = options;
  const { protocol, seats } = subject;
  const { pairs, pace } = loads[name](options);
  return measure(subject, {
    protocol,
    pairs: pairUp(seats, pairs),
    pace,
    seconds,
    warmUpSeconds,
    bodyLength,
    yields,
  });
}

/** With the name of who was driven before the name of the load. */
export function named(subject: string, loads: Measurements): Measurements {
  return Object.fromEntries(Object.entries(loads).map(([name, run]) => [`${subject}, ${name}`, run]));
}

/** People two by two: one sends, the other gets. */
export function pairUp(seats: readonly Seat[], count: number): LoadPlan["pairs"] {
  return twoByTwo(seats, count).map(([sender, recipient]) => ({ sender, recipient }));
}
