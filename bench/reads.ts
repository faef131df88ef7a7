import { fillConversations } from "./fill/conversations.ts";
import { type FilledPerson, fillPeople } from "./fill/people.ts";
import { type Reading, readFigures, readOverAndOver, timeOf } from "./reading.ts";
import { type Figure, type Findings, type Options, type Run, scaled } from "./scenario.ts";
import type { Target } from "./target.ts";

const mostSeconds = 2;
const pageLimit = 500;

/** Lists and history over HTTP, through NGINX, from a log that was filled before. */
export async function benchReads(options: Options, run: Run): Promise<Findings> {
  return { figures: await measureReads(await run.stack.get(), options) };
}

export async function measureReads(
  target: Target,
  options: Pick<Options, "scale" | "seconds">,
): Promise<Figure[]> {
  const secondsEach = Math.min(mostSeconds, options.seconds);
  const count = (full: number) => scaled(full, options, 20);
  const people = await fillPeople(target, count(10_000));
  const [reader, ...others] = people as [FilledPerson, ...FilledPerson[]];
  const [longTalk, shortTalk, ...friends] = others.slice(0, count(1_000)) as [FilledPerson, FilledPerson];
  const [million = "", thousand = ""] = [
    ...(await fillConversations(target, [[reader, longTalk]], count(1_000_000))),
    ...(await fillConversations(target, [[reader, shortTalk]], count(1_000))),
  ];
  await fillConversations(
    target,
    friends.map((friend) => [reader, friend] as const),
    1,
  );

  const { cookie } = reader;
  const history = (id: string, query = "") => `/api/conversations/${id}/messages?limit=50${query}`;
  const fixed = (what: string, path: string): Reading => ({
    what: `reads: ${what}`,
    cookie,
    path: () => path,
  });
  const head = count(1_000_000);
  const [newestOfMillion, newestOfThousand] = [
    fixed("newest page of a million", history(million)),
    fixed("newest page of a thousand", history(thousand)),
  ];
  const deep: Reading = {
    what: "reads: deep page of a million",
    cookie,
    path: () => history(million, `&before=${2 + Math.floor(Math.random() * (head - 1))}`),
  };
  const cold: Reading = {
    what: "reads: directory, cold",
    path: (number) => newPage(number, people.length),
  };
  const rounds: Reading[][] = [
    [cold],
    [fixed("directory, cached", "/api/users")],
    [fixed("list of 1,000 conversations", "/api/conversations")],
    [newestOfMillion, newestOfThousand],
    [deep],
  ];
  const figures: Figure[] = [];
  // Both have been read when they are compared, and often enough for their slowest hundredth to be more than chance.
  await readOverAndOver(target.url, [newestOfMillion, newestOfThousand], secondsEach / 4);
  for (const readings of rounds) {
    const reads = await readOverAndOver(target.url, readings, secondsEach * readings.length ** 2);
    figures.push(...readFigures(reads));
    const [one, other] = [reads.get(newestOfMillion.what), reads.get(newestOfThousand.what)];
    if (one && other) {
      figures.push({
        what: "reads: newest page, p99 of a million over a thousand",
        value: one.p99 / other.p99,
        unit: "times",
      });
    }
  }
  const missed = Math.min(head, count(10_000));
  const after = Array.from(
    { length: Math.ceil(missed / pageLimit) },
    (_, page) => head - missed + page * pageLimit,
  );
  const changes = (seq: number) =>
    `${target.url}/api/conversations/${million}/changes?after=${seq}&limit=${pageLimit}`;
  const began = performance.now();
  for (const seq of after) await timeOf(changes(seq), cookie);
  figures.push({ what: "reads: catch-up of 10,000 changes", value: performance.now() - began, unit: "ms" });
  const page: Reading = {
    what: `reads: a page of ${pageLimit} changes`,
    cookie,
    path: (number) => changes(after[number % after.length]!).slice(target.url.length),
  };
  return [...figures, ...readFigures(await readOverAndOver(target.url, [page], secondsEach))];
}

/** A page of the directory that nobody has asked for yet; each prefix is that of ten people or more. */
function newPage(number: number, people: number): string | undefined {
  const prefix = Math.floor(number / 4) + 1;
  if (prefix > people / 10) return undefined;
  const sort = number % 2 === 0 ? "status" : "username";
  const direction = number % 4 < 2 ? "asc" : "desc";
  return `/api/users?sort=${sort}&direction=${direction}&q=filled${prefix}`;
}
