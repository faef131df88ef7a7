import { setTimeout as sleep } from "node:timers/promises";
import { sumOf } from "./counts.ts";
import { openCrowd } from "./crowd/crowd.ts";
import { type FilledPerson, fillPeople, seatOf } from "./fill/people.ts";
import { kernelSlabBytes } from "./kernel.ts";
import { cpuBetween, memoryOfOne, sampleCpu } from "./processes.ts";
import { type Figure, type Findings, type Options, scaled } from "./scenario.ts";
import { startServer } from "./server.ts";
import { type Target, temporaryFolder } from "./target.ts";

const paths = { chat: "/ws/chat", notification: "/ws/notifications" };
const openTimeoutMs = 90_000;
/** How long the server may calm down before a look, and how long its rest is watched. */
const restSeconds = 5;

/** Ten thousand people who say nothing, in the single process: chat sockets, then notification sockets. */
export async function benchSockets(options: Options): Promise<Findings> {
  await using folder = await temporaryFolder();
  const figures: Figure[] = [];
  let people: readonly FilledPerson[] | undefined;
  for (const kind of ["chat", "notification"] as const) {
    // A process of its own for each kind: memory that was needed once is not given back.
    await using server = await startServer(folder.path);
    people ??= await fillPeople(server, scaled(10_000, options, 10));
    figures.push(...(await measureIdle(server, people, kind)));
  }
  return { figures };
}

export async function measureIdle(
  target: Target,
  people: readonly FilledPerson[],
  kind: keyof typeof paths,
  seconds = restSeconds,
): Promise<Figure[]> {
  const node = { roots: [target.roots[0]!] };
  const look = () => ({ memory: memoryOfOne(node.roots[0]!), kernel: kernelSlabBytes() });
  await sleep(seconds * 300);
  const before = look();
  const began = performance.now();
  await using crowd = openCrowd(
    people.map((person) => seatOf(target, person, paths[kind])),
    // Otherwise everybody hears of everybody, as no client does.
    {
      comesBack: false,
      ...(kind === "notification" && { greetings: [{ type: "presence.watch", userIds: [] }] }),
    },
  );
  await crowd.until(({ open, failed }) => open + failed >= people.length, openTimeoutMs);
  const openMs = performance.now() - began;
  await sleep(seconds * 1_000);
  const after = look();
  const atRest = sampleCpu(node);
  await sleep(seconds * 1_000);
  const cpu = sumOf(cpuBetween(atRest, sampleCpu(node)));
  const { open } = crowd.state;
  const each = (what: "memory" | "kernel"): Figure[] => {
    const [one, other] = [before[what], after[what]];
    if (one === undefined || other === undefined) return [];
    const name = what === "memory" ? "in the process" : "in the kernel, both ends";
    return [
      { what: `sockets: ${kind}, memory a socket ${name}`, value: (other - one) / open / 1_024, unit: "KiB" },
    ];
  };
  return [
    { what: `sockets: ${kind}, open`, value: open, unit: "" },
    { what: `sockets: ${kind}, opened in`, value: openMs / 1_000, unit: "s" },
    ...each("memory"),
    ...each("kernel"),
    { what: `sockets: ${kind}, CPU at rest`, value: cpu, unit: "cores" },
  ];
}
