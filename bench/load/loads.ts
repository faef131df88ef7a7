import type { Subject } from "../processes.ts";
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

/** Each load by its name: the closed loops, then the open ones. */
function loadsOf({ pairs, window }: LoadOptions): [name: string, pairs: number, pace: LoadPlan["pace"]][] {
  return [
    ["busy", pairs, { window }],
    ["calm", Math.min(calmPairs, pairs), { window: 1 }],
    ...rates.map((perSecond): [string, number, LoadPlan["pace"]] => [
      `${perSecond.toLocaleString("en")}/s`,
      pairs,
      { perSecond },
    ]),
  ];
}

/** Drives one subject with every load in turn. `seats`: two for each pair. */
export async function runLoads(
  subject: Subject & { readonly protocol: LoadPlan["protocol"]; readonly seats: readonly Seat[] },
  options: LoadOptions,
): Promise<Measurements> {
  const { protocol, seats } = subject;
  const { seconds, warmUpSeconds } = options;
  const measurements: Record<string, Measurement> = {};
  for (const [name, count, pace] of loadsOf(options)) {
    const pairs = pairUp(seats, count);
    measurements[name] = await measure(subject, {
      protocol,
      pairs,
      pace,
      seconds,
      warmUpSeconds,
      bodyLength,
    });
  }
  return measurements;
}

/** People two by two: one sends, the other gets. */
function pairUp(seats: readonly Seat[], count: number): LoadPlan["pairs"] {
  return Array.from({ length: count }, (_, index) => ({
    sender: seats[2 * index]!,
    recipient: seats[2 * index + 1]!,
  }));
}
