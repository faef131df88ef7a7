import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { backOffMs } from "./back-off.ts";
import { isTransient } from "./database.ts";
import type { DatabaseLogger } from "./logger.ts";
import { connectionConfig } from "./pool.ts";
import { StartError } from "./start-error.ts";

const oldestVersion = 15;

export interface Patience {
  /** How long to wait for a server that does not answer. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  readonly logger: DatabaseLogger;
}

export interface WaitOptions extends Patience {
  readonly url: string;
  readonly applicationName: string;
}

/** Waits with back-off for a server that is not there yet. Refuses at once what waiting will not change. */
export async function waitForServer({ url, applicationName, ...patience }: WaitOptions): Promise<string> {
  try {
    return await untilItAnswers(() => checkServer(url, applicationName), patience);
  } catch (error) {
    if (error instanceof StartError || patience.signal?.aborted) throw error;
    throw new StartError(
      `The database refuses GoChat: ${reasonOf(error)}. Correct user, password and database in DATABASE_URL.`,
      { cause: error },
    );
  }
}

/** Does it again, with back-off, for as long as the server does not answer; what else goes wrong is thrown. */
export async function untilItAnswers<Result>(
  work: () => Promise<Result>,
  { waitMs, signal, logger }: Patience,
): Promise<Result> {
  const until = performance.now() + waitMs;
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      const reason = reasonOf(error);
      const pauseMs = backOffMs(attempt);
      if (performance.now() + pauseMs > until) {
        throw new StartError(
          `The database did not answer within ${waitMs / 1000} s (${reason}). Is it running?`,
          { cause: error },
        );
      }
      logger.warn({ reason, attempt: attempt + 1 }, "The database does not answer yet.");
      await sleep(pauseMs, undefined, signal && { signal });
    }
  }
}

function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || String(code);
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
