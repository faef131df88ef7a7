import { join } from "node:path";
import { startPostgres } from "@gochat/engines/postgres";
import { startEjabberd, whyNoEjabberd } from "./ejabberd-process.ts";
import { memoryFigures } from "./gochat-loads.ts";
import { type LoadOptions, named, runLoads } from "./load/loads.ts";
import { memoryOf } from "./processes.ts";
import type { Findings } from "./scenario.ts";
import { storageFigures, storedIn } from "./storage.ts";
import { temporaryFolder } from "./target.ts";

/**
 * What people would pick instead: ejabberd with its message archive in the same kind of private PostgreSQL as the stack
 * has, with the same settings. A message counts when the other socket has it; both archive rows are stored by then.
 */
export async function benchEjabberd(options: LoadOptions): Promise<Findings> {
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
  const subject = {
    roots: [ejabberd.pid, postgres.pid],
    parts: { ejabberd: ejabberd.pid, postgres: postgres.pid },
  };
  const before = await storedIn(postgres.url);
  const loads = await runLoads({ ...subject, protocol: "xmpp", seats }, options);
  const after = await storedIn(postgres.url);
  const messages = Object.values(loads).reduce((sum, { arrived }) => sum + arrived, 0);
  return {
    loads: named("ejabberd", loads),
    figures: [
      ...storageFigures("ejabberd", before, after, messages),
      ...memoryFigures("ejabberd: memory after the load", memoryOf(ejabberd.pid)),
      ...memoryFigures("ejabberd: memory of its PostgreSQL after the load", memoryOf(postgres.pid)),
    ],
  };
}
