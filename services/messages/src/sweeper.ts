import { setTimeout as wait } from "node:timers/promises";
import { backOff } from "@gochat/broker/back-off";
import { announceUnannounced } from "./commands/announce-again.ts";
import type { Parts } from "./parts.ts";
import { Replay } from "./replay.ts";
import { readBeat, saveBeat } from "./replay-store.ts";

const roundEveryMs = 2_000;
/** Looking through all conversations costs a scan: only every so many rounds, and at the start. */
const roundsBetweenScans = 15;
const roundsBetweenBeats = 15;
const recentMs = 10 * 60 * 1000;
/** Between two pages of a replay: some 5,000 messages a second, which consumers keep up with. */
const pagePauseMs = 50;

/**
 * What must be announced again at this start: nothing where the broker kept its queues. Reckoned from when GoChat was
 * last alive, however long ago that is, so it must be asked before the sweeper starts.
 */
export async function findReplay(parts: Pick<Parts, "broker" | "database">): Promise<Replay | undefined> {
  if (parts.broker.durable) return undefined;
  const lastAlive = await readBeat(parts.database);
  return lastAlive && new Replay(parts, new Date(lastAlive.getTime() - recentMs));
}

/** Repeats announcements that nobody confirmed, in the background, until it is stopped. */
export function startSweeper(parts: Parts, replay: Replay | undefined): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = sweep(parts, replay, signal);
  return async () => {
    stopping.abort();
    await running;
    await beat(parts, replay).catch((error: unknown) =>
      parts.logger.warn({ err: error }, "the last beat was not saved"),
    );
  };
}

async function sweep(parts: Parts, replay: Replay | undefined, signal: AbortSignal): Promise<void> {
  let failures = 0;
  for (let round = 0; !signal.aborted; round++) {
    const endsAt = performance.now() + roundEveryMs;
    try {
      await announceUnannounced(parts, { everywhere: round % roundsBetweenScans === 0 || failures > 0 });
      while (replay && !replay.isDone && !signal.aborted && performance.now() < endsAt) {
        await replay.announcePage();
        await pause(pagePauseMs, signal);
      }
      if (round % roundsBetweenBeats === 0) await beat(parts, replay);
      failures = 0;
    } catch (error) {
      failures += 1;
      parts.logger.warn({ err: error }, "a round of the sweeper failed; the next one goes on");
    }
    const pauseMs = failures > 0 ? backOff(failures, roundEveryMs, 30_000) : endsAt - performance.now();
    await pause(pauseMs, signal);
  }
}

/** Not before everything is said again: a start that comes earlier begins where this one did. */
async function beat({ database }: Parts, replay: Replay | undefined): Promise<void> {
  if (!replay || replay.isDone) await saveBeat(database);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(Math.max(0, milliseconds), undefined, { signal }).catch(() => {});
}
