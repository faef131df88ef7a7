import { fillPeople, seatOf } from "./fill/people.ts";
import { bodyLength, pairUp, subjectOf, warmUp } from "./load/loads.ts";
import { measure } from "./load/measure.ts";
import type { LoadPlan, Pace } from "./load/plan.ts";
import type { Findings, Options } from "./scenario.ts";
import { startServer } from "./server.ts";
import { type Target, temporaryFolder } from "./target.ts";

const quietPeople = 39;
const quietPerSecond = 78;
/** Of one sender: as many under way as the server lets one socket have. */
const noisyWindow = 32;

/** Forty people write to a friend each; then one of them as much and as fast as the server lets it. */
export async function benchNoisy(options: Options): Promise<Findings> {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  return await measureNoisy(server, options);
}

export async function measureNoisy(target: Target, options: Options): Promise<Findings> {
  const { seconds, warmUpSeconds } = options;
  const people = await fillPeople(target, 2 * (quietPeople + 1), "neighbour");
  const seats = people.map((person) => seatOf(target, person));
  const [noisy, ...quiet] = pairUp(seats, quietPeople + 1);
  await warmUp(subjectOf(target, seats), { ...options, pairs: quietPeople + 1 });
  const drive = (pairs: LoadPlan["pairs"], pace: Pace, longer = 0) =>
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
    drive([noisy!], { window: noisyWindow }, 1),
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
