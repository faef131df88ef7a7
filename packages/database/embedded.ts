import { chmod, realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { DatabaseServer } from "./database.ts";
import { findBinaries } from "./embedded/binaries.ts";
import { type Cluster, openCluster, superuser } from "./embedded/cluster.ts";
import { lockDataFolder } from "./embedded/data-folder.ts";
import { stopOrphan } from "./embedded/orphan.ts";
import { keepPostgresRunning } from "./embedded/postgres-process.ts";
import { chooseRunAs } from "./embedded/run-as.ts";
import { type Address, canHoldSocket, serverArguments, socketPort } from "./embedded/server-settings.ts";
import { type DatabaseLogger, silentLogger } from "./logger.ts";
import { connectPostgres } from "./postgres.ts";

export interface EmbeddedOptions {
  /** Made where it is missing; the database is in `postgres` below it. */
  readonly dataFolder: string;
  readonly logger?: DatabaseLogger;
  /** `max_connections`. Default 50. */
  readonly connections?: number;
}

export interface EmbeddedPostgres extends DatabaseServer {
  /** Of the superuser, with the password: for other processes on this machine, such as tests. */
  readonly url: string;
}

/**
 * A real PostgreSQL as a child of this process, with its data on disk. Throws a StartError where the data folder is
 * in use, cannot be written or was made by another version. One that a killed GoChat left behind is stopped first;
 * one that dies is started again; disposing closes the pools, then stops it.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { logger = silentLogger, connections = 50 } = options;
  await using resources = new AsyncDisposableStack();
  resources.use(await lockDataFolder(resolve(options.dataFolder)));
  const dataFolder = await realpath(options.dataFolder);
  const binaries = findBinaries();
  const runAs = await chooseRunAs(binaries, dataFolder);
  // The other user must pass through; what else is in the folder has rights of its own.
  if (runAs.owner) await chmod(dataFolder, 0o711);
  await stopOrphan(join(dataFolder, "postgres"), logger);
  const cluster = await openCluster({ dataFolder, binaries, runAs });
  const address = await chooseAddress(cluster.folder);
  const args = serverArguments(cluster.folder, address, connections);
  resources.use(await keepPostgresRunning({ program: binaries.postgres, args, runAs, logger }));
  const url = urlOf(cluster, address);
  const server = resources.use(await connectPostgres({ url, logger }));
  const owned = resources.move();
  return {
    url,
    description: `embedded ${server.description.split(" at ", 1)[0]} in ${shown(dataFolder)}`,
    open: server.open,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function chooseAddress(folder: string): Promise<Address> {
  return canHoldSocket(folder) ? { socketFolder: folder } : { port: await freePort() };
}

function urlOf({ password }: Cluster, address: Address): string {
  const place =
    "port" in address
      ? `127.0.0.1:${address.port}`
      : `${encodeURIComponent(address.socketFolder)}:${socketPort}`;
  return `postgres://${superuser}:${password}@${place}/postgres`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** ./data where it is below the current folder. */
function shown(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") || isAbsolute(path) ? folder : `./${path}`;
}
