import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { backOffMs } from "./back-off.ts";
import { isTransient } from "./database.ts";
import type { DatabaseLogger } from "./logger.ts";
import { connectionConfig } from "./pool.ts";
import { StartError } from "./start-error.ts";

const oldestVersion = 15;

export interface WaitOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly waitMs: number;
  readonly logger: DatabaseLogger;
}

/** Waits with back-off for a server that is not there yet. Refuses at once what waiting will not change. */
export async function waitForServer({ url, applicationName, waitMs, logger }: WaitOptions): Promise<string> {
  const until = performance.now() + waitMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await checkServer(url, applicationName);
    } catch (error) {
      if (error instanceof StartError) throw error;
      const reason = (error as Error).message || String((error as NodeJS.ErrnoException).code);
      if (!isTransient(error))
        throw new StartError(`The database refuses GoChat: ${reason}.`, { cause: error });
      const pauseMs = backOffMs(attempt);
      if (performance.now() + pauseMs > until) {
        throw new StartError(
          `The database did not answer within ${waitMs / 1000} s (${reason}). Is it running?`,
          {
            cause: error,
          },
        );
      }
      logger.warn({ reason, attempt: attempt + 1 }, "The database does not answer yet.");
      await sleep(pauseMs);
    }
  }
}

/** Returns the server's version ("18.4"). Refuses one that is too old, or that may lose what it has committed. */
async function checkServer(url: string, applicationName: string): Promise<string> {
  const client = new pg.Client({ ...connectionConfig(url, applicationName), query_timeout: 5_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<ServerSettings>(
      `SELECT current_setting('server_version_num')::int / 10000 AS major,
              split_part(current_setting('server_version'), ' ', 1) AS version,
              current_setting('fsync') AS fsync,
              current_setting('synchronous_commit') AS synchronous_commit,
              current_setting('full_page_writes') AS full_page_writes`,
    );
    const { major, version, ...durability } = rows[0]!;
    if (major < oldestVersion) {
      throw new StartError(`The database is PostgreSQL ${version}; GoChat needs ${oldestVersion} or newer.`);
    }
    const off = Object.entries(durability).find(([, value]) => value === "off");
    if (off) {
      throw new StartError(
        `The database runs with ${off[0]} off, so it may lose messages shown as sent. Turn it on.`,
      );
    }
    return version;
  } finally {
    await client.end();
  }
}

interface ServerSettings {
  readonly major: number;
  readonly version: string;
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly full_page_writes: string;
}
