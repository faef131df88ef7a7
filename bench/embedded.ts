import { setTimeout as sleep } from "node:timers/promises";
import { benchLoads, memoryFigures } from "./gochat-loads.ts";
import { memoryOf } from "./processes.ts";
import type { Findings, Options } from "./scenario.ts";
import { startServer } from "./server.ts";
import { temporaryFolder } from "./target.ts";

/** The single process with embedded adapters, from an empty data folder. */
export async function benchEmbedded(options: Options): Promise<Findings> {
  await using folder = await temporaryFolder();
  const firstStartMs = await firstStart(folder.path);
  await using server = await startServer(folder.path);
  await sleep(3_000);
  const atRest = memoryOf(server.roots[0]!);
  const { figures = [], ...findings } = await benchLoads(server, options);
  return {
    ...findings,
    figures: [
      { what: "embedded: first start to ready", value: firstStartMs / 1_000, unit: "s" },
      { what: "embedded: later start to ready", value: server.readyAfterMs / 1_000, unit: "s" },
      ...memoryFigures("embedded: memory at rest", atRest),
      ...figures,
    ],
  };
}

async function firstStart(dataFolder: string): Promise<number> {
  await using server = await startServer(dataFolder);
  return server.readyAfterMs;
}
