import { type FilledPerson, fillPeople, seatOf } from "./fill/people.ts";
import { measure } from "./load/measure.ts";
import type { Pace, Seat } from "./load/plan.ts";
import type { Findings, Options } from "./scenario.ts";
import { startServer } from "./server.ts";
import { type Target, temporaryFolder } from "./target.ts";

const quietPeople = 39;
const quietPerSecond = 78;
/** Of one sender: as many under way as the server lets one socket have. */
const noisyWindow = 32;
const bodyLength = 80;

/** Forty people write to a friend each; then one of them as much and as fast as the server lets it. */
export async function benchNoisy(options: Options): Promise<Findings> {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  return await measureNoisy(server, options);
}

export async function measureNoisy(target: Target, { seconds, warmUpSeconds }: Options): Promise<Findings> {
  const seats = (await fillPeople(target, 2 * (quietPeople + 1), "neighbour")).map((person: FilledPerson) =>
    seatOf(target, person),
  );
  const [noisy, ...quiet] = Array.from({ length: quietPeople + 1 }, (_, index) => ({
    sender: seats[2 * index]!,
    recipient: seats[2 * index + 1]!,
  })) as [Pairing, ...Pairing[]];
  const drive = (pairs: readonly Pairing[], pace: Pace, longer = 0) =>
    measure(target, {
      protocol: "gochat",
      pairs,
      pace,
      warmUpSeconds,
      seconds: seconds + longer,
      bodyLength,
    });
  const alone = await drive(quiet, { perSecond: quietPerSecond });
  const [noise, beside] = await Promise.all([
    drive([noisy], { window: noisyWindow }, 1),
    drive(quiet, { perSecond: quietPerSecond }),
  ]);
  return {
    loads: {
      "noisy, the others before": alone,
      "noisy, the others meanwhile": beside,
      "noisy, the one": noise,
    },
    figures: [
      { what: "noisy: p99 of the others, over before", value: beside.p99 / alone.p99, unit: "times" },
    ],
  };
}

interface Pairing {
  readonly sender: Seat;
  readonly recipient: Seat;
}
