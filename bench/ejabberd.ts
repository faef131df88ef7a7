import { join } from "node:path";
import { startPostgres } from "@gochat/engines/postgres";
import { startEjabberd, whyNoEjabberd } from "./ejabberd-process.ts";
import { memoryFigures } from "./gochat-loads.ts";
import {
  type LoadName,
  named,
  runInTurn,
  runLoads,
  type Subject,
  singleLoads,
  warmUp,
} from "./load/loads.ts";
import { memoryOf } from "./processes.ts";
import type { Findings, Options, Run } from "./scenario.ts";
import { storageFigures, storedIn } from "./storage.ts";
import { temporaryFolder } from "./target.ts";

/** More than three times what it takes here. */
const tooFast = "5,000/s" satisfies LoadName;
const shorter = `In a whole run ejabberd is not driven with ${tooFast}, which it cannot take: npm run bench -- ejabberd does.`;

/**
 * What people would pick instead: ejabberd with its message archive in the same kind of private PostgreSQL as the stack
 * has, with the same settings. A message counts when the other socket has it; both archive rows are stored by then. Where
 * the stack was measured before, both are driven in turn: that is what compares them.
 */
export async function benchEjabberd(options: Options, run: Run): Promise<Findings> {
  const why = whyNoEjabberd();
  if (why) return { notes: [why] };
  await using folder = await temporaryFolder();
  await using postgres = await startPostgres({ folder: join(folder.path, "postgres") });
  const names = Array.from({ length: 2 * options.pairs }, (_, index) => `person${index + 1}`);
  const password = "bench-7319-people";
  await using ejabberd = await startEjabberd({
    folder: join(folder.path, "ejabberd"),
    postgresUrl: postgres.url,
    accounts: Object.fromEntries(names.map((name) => [name, password])),
  });
  const seats = names.map((userId) => ({ userId, password, url: ejabberd.url, headers: {} }));
  const subject: Subject = {
    roots: [ejabberd.pid, postgres.pid],
    parts: { ejabberd: ejabberd.pid, postgres: postgres.pid },
    protocol: "xmpp",
    seats,
  };
  await warmUp(subject, options);
  const before = await storedIn(postgres.url);
  const stack = run.stack.driven;
  const loads = await runLoads(subject, loadsAlone(run), options);
  const after = await storedIn(postgres.url);
  const messages = Object.values(loads).reduce((sum, { arrived }) => sum + arrived, 0);
  const figures = [
    ...storageFigures("ejabberd", before, after, messages),
    ...memoryFigures("ejabberd: memory after the load", memoryOf(ejabberd.pid)),
    ...memoryFigures("ejabberd: memory of its PostgreSQL after the load", memoryOf(postgres.pid)),
  ];
  const notes = run.isWhole ? [shorter] : [];
  if (!stack) return { loads: named("ejabberd", loads), figures, notes };
  const both = [
    { name: "stack", subject: stack },
    { name: "ejabberd", subject },
  ] as const;
  // The slowest hundredth is made by pauses of the machine, one every second or two: a short turn has one, or three.
  const longer = { ...options, seconds: 2 * options.seconds };
  const turns = {
    ...(await runInTurn(both, "busy", options)),
    ...(await runInTurn(both, "500/s", longer)),
  };
  return { loads: { ...named("ejabberd", loads), ...turns }, figures, notes };
}

/** What it is driven with by itself: neither what follows in turn, nor in a whole run what only makes it late. */
function loadsAlone({ stack, isWhole }: Run): LoadName[] {
  const inTurn: readonly LoadName[] = ["busy", "500/s"];
  const all: readonly LoadName[] = [...singleLoads, "busy"];
  return all.filter((load) => !(stack.driven && inTurn.includes(load)) && !(isWhole && load === tooFast));
}
