import type { Database } from "@gochat/database/database";
import type { Logger } from "@gochat/runtime/logger";
import { highestRuns, type Position } from "./batch.ts";
import { markAnnounced } from "./message-store.ts";

/** Of a batch this large the watermarks wait for those of the next ones, */
const manyPositions = 32;
/** and of smaller ones where so many have moved theirs within the wait. */
const manyFlushes = 10;
const defaultWaitMs = 500;

/**
 * How far conversations were announced. Watermarks only say what need not be announced again after a crash, so where
 * there is more to do than now and then they move twice a second, once for all that was announced in that time.
 */
export class Watermarks {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #waitMs: number;
  #positions: Position[] = [];
  #timer: NodeJS.Timeout | undefined;
  /**
   * One flush at a time: a run that came before the one ahead of it would find a hole there, and move nothing. The watermark
   * would then stand still, and the sweeper announce again what comes behind it.
   */
  #flushing = Promise.resolve();
  /** Since when flushes are counted, and how many there were. */
  #countedFrom = 0;
  #flushes = 0;

  constructor(
    { database, logger }: { readonly database: Database; readonly logger: Logger },
    waitMs = defaultWaitMs,
  ) {
    this.#database = database;
    this.#logger = logger;
    this.#waitMs = waitMs;
  }

  /** These positions were announced. Resolves when they are marked, or wait to be. Never rejects. */
  async announced(positions: readonly Position[]): Promise<void> {
    for (const { conversationId, seq } of positions) this.#positions.push({ conversationId, seq });
    if (positions.length < manyPositions && this.#isCalm()) await this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), this.#waitMs).unref();
  }

  #isCalm(): boolean {
    const now = performance.now();
    if (now - this.#countedFrom >= this.#waitMs) {
      this.#countedFrom = now;
      this.#flushes = 0;
    }
    return this.#flushes < manyFlushes;
  }

  /** Marks what waits. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushes += 1;
    this.#flushing = this.#flushing.then(() => this.#mark());
    return this.#flushing;
  }

  async #mark(): Promise<void> {
    const positions = this.#positions;
    this.#positions = [];
    try {
      await markAnnounced(this.#database, highestRuns(positions));
    } catch (error) {
      // The messages are stored and announced; at worst they are announced again.
      this.#logger.warn({ err: error }, "the watermarks did not move");
    }
  }
}
