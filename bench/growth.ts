import { setTimeout as sleep } from "node:timers/promises";
import { sumOf, twoByTwo } from "./counts.ts";
import { openCrowd } from "./crowd/crowd.ts";
import { fillConversations } from "./fill/conversations.ts";
import { type FilledPerson, fillPeople, seatOf } from "./fill/people.ts";
import { runLoads, subjectOf, warmUp } from "./load/loads.ts";
import { type CpuSample, cpuBetween, sampleCpu } from "./processes.ts";
import { readFigures, readOverAndOver } from "./reading.ts";
import { type Figure, type Findings, type Options, scaled } from "./scenario.ts";
import { startServer } from "./server.ts";
import { type Target, temporaryFolder } from "./target.ts";
import { longestAnswer } from "./waits.ts";

const talks = 100;
const pairsThatTalk = 20;
const sizes = [1, 10, 100];
const crowds = [100, 1_000, 10_000];
/** Whom a client watches: those on its page and in its conversations. */
const watched = 20;
const openTimeoutMs = 90_000;
/** Who comes is announced at once, who goes after 5 s. */
const settleSeconds = 7;
const restSeconds = 3;

/** What a hundred times the rows and people cost in the single process. */
export async function benchGrowth(options: Options): Promise<Findings> {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  return { figures: [...(await measurePresence(server, options)), ...(await measureRows(server, options))] };
}

/** Storing and reading at 5,000 rows, ten and a hundred times as many. */
export async function measureRows(target: Target, options: Options): Promise<Figure[]> {
  const talkers = await fillPeople(target, 2 * pairsThatTalk, "talker");
  const seats = talkers.map((person) => seatOf(target, person));
  const subject = subjectOf(target, seats);
  const seconds = Math.min(2, options.seconds);
  const load = { ...options, pairs: pairsThatTalk, seconds };
  await warmUp(subject, load);
  const figures: Figure[] = [];
  let rows = 0;
  for (const size of sizes) {
    const people = await fillPeople(target, 2 * talks, `size${size}-`);
    const both = twoByTwo(people);
    const each = Math.max(1, Math.round((scaled(5_000, options, talks) * size - rows) / talks));
    const ids = await fillConversations(target, both, each);
    rows += each * talks;
    const { busy } = await runLoads(subject, ["busy"], load);
    const name = `growth: ${size} times the rows`;
    figures.push({ what: `${name}, stored`, value: busy!.perSecond, unit: "a second" });
    const newest = {
      what: `${name}, newest pages`,
      cookie: both[0]![0].cookie,
      path: () => `/api/conversations/${ids[0]}/messages`,
    };
    figures.push(...readFigures(await readOverAndOver(target.url, [newest], seconds)));
  }
  return figures;
}

/** CPU for each person who comes online and watches twenty others, over what the process takes at rest; and their end. */
export async function measurePresence(
  target: Target,
  options: Pick<Options, "scale">,
  seconds = settleSeconds,
): Promise<Figure[]> {
  const node = { roots: [target.roots[0]!] };
  const atRest = sampleCpu(node);
  await sleep(restSeconds * 1_000);
  const idle = sumOf(cpuBetween(atRest, sampleCpu(node)));
  const figures: Figure[] = [];
  const each: number[] = [];
  for (const full of crowds) {
    const count = scaled(full, options, 10);
    const people = await fillPeople(target, count, `crowd${full}-`);
    const before = sampleCpu(node);
    const { open, frames, at } = await comeAndGo(target, people, seconds, () => sampleCpu(node));
    const taken = sumOf(cpuBetween(before, at)) - idle;
    const cost = (taken * (at.at - before.at) * 1_000) / count;
    each.push(cost);
    const name = `growth: ${full.toLocaleString("en")} people online`;
    figures.push(
      { what: `${name}, of them there`, value: open, unit: "" },
      { what: `${name}, CPU for each to come`, value: cost, unit: "µs" },
      { what: `${name}, frames to each`, value: sumOf(frames) / count, unit: "" },
    );
  }
  const longest = await longestAnswer(`${target.url}/healthz`, seconds);
  const growth = each.at(-1)! / each.at(-2)!;
  return [
    ...figures,
    { what: "growth: CPU for each, ten times the people", value: growth, unit: "times" },
    { what: "growth: the longest answer while all leave at once", value: longest, unit: "ms" },
  ];
}

/** Connects everybody, looks at them after so many seconds, and lets all of them go at once. */
async function comeAndGo(
  target: Target,
  people: readonly FilledPerson[],
  seconds: number,
  look: () => CpuSample,
) {
  await using crowd = openWatchers(target, people);
  await crowd.until(({ open, failed }) => open + failed >= people.length, openTimeoutMs);
  await sleep(seconds * 1_000);
  const { open, frames } = crowd.state;
  return { open, frames, at: look() };
}

function openWatchers(target: Target, people: readonly FilledPerson[]) {
  const userIds = people.slice(0, watched).map(({ id }) => id);
  const seats = people.map((person) => seatOf(target, person, "/ws/notifications"));
  return openCrowd(seats, { comesBack: false, greetings: [{ type: "presence.watch", userIds }] });
}
