import { type FilledPerson, fillPeople, seatOf } from "./fill/people.ts";
import { runLoads, subjectOf } from "./load/loads.ts";
import type { Measurement } from "./load/measure.ts";
import { type Findings, type Options, scaled } from "./scenario.ts";
import { startServer } from "./server.ts";
import { floodReaders } from "./stalled-readers.ts";
import { type Target, temporaryFolder } from "./target.ts";

const healthyPairs = 50;
const devicesEach = 20;
/** The rule: a socket with more than 1 MiB unsent, or stalled for 30 s, is closed; two pings apart are 30 s. */
const closedWithinMs = 50_000;

/**
 * Ten people with twenty devices each, who are written to all the time, beside fifty pairs who talk: first while the
 * devices read, then when they have stopped. Only the reading differs, so the flood itself is not what is compared.
 */
export async function benchSlowReaders(options: Options): Promise<Findings> {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  return await measureSlowReaders(server, options);
}

export async function measureSlowReaders(target: Target, options: Options): Promise<Findings> {
  const healthy = await fillPeople(target, 2 * scaled(healthyPairs, options), "healthy");
  const slow = await fillPeople(target, scaled(10, options, 1), "slow");
  const writers = await fillPeople(target, slow.length, "writer");
  await using readers = await floodReaders(target, slow, writers, devicesEach);
  const before = await measureHealthy(target, healthy, { ...options, seconds: 3 * options.seconds });
  const closedWhileReading = readers.closed;
  readers.stopReading();
  // Until the buffers of the kernel, then those of the process, are full, and the sockets are closed.
  const meanwhile = await measureHealthy(target, healthy, { ...options, seconds: 6 * options.seconds });
  const closedAfterMs = await readers.untilAllClosed(closedWithinMs);
  return {
    loads: { "slow readers, before": before, "slow readers, meanwhile": meanwhile },
    figures: [
      { what: "slow readers: stopped reading", value: slow.length * devicesEach, unit: "" },
      { what: "slow readers: closed while they read", value: closedWhileReading, unit: "" },
      { what: "slow readers: closed by the rule", value: readers.closed - closedWhileReading, unit: "" },
      { what: "slow readers: the last one closed after", value: closedAfterMs / 1_000, unit: "s" },
      {
        what: "slow readers: p99 of the others, over before",
        value: meanwhile.p99 / before.p99,
        unit: "times",
      },
    ],
  };
}

async function measureHealthy(
  target: Target,
  people: readonly FilledPerson[],
  options: Options,
): Promise<Measurement> {
  const seats = people.map((person) => seatOf(target, person));
  const load = { ...options, pairs: seats.length / 2 };
  return (await runLoads(subjectOf(target, seats), ["500/s"], load))["500/s"]!;
}
