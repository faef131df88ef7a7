import { setTimeout as wait } from "node:timers/promises";
import { backOff } from "@gochat/broker/back-off";
import { type Delivery, InvalidEventError } from "@gochat/broker/broker";
import { isTransient } from "@gochat/database/database";
import type { Logger } from "./logger.ts";

interface Patience {
  /** Ends the waiting: the subscription closes, and the batch comes again later. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Does the work; where it fails through no fault of what it was given, it tries again in place, with back-off, until
 * the signal. What is refused for good is thrown.
 */
export async function patiently<Result>(
  work: () => Promise<Result>,
  { signal, logger }: Patience,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || isRefusal(error)) throw error;
      logger.warn({ err: error, attempt }, "a batch cannot be applied now; waiting in place");
      await wait(backOff(attempt, 100), undefined, { signal });
    }
  }
}

interface BatchOptions<Event> {
  readonly events: readonly Event[];
  readonly delivery: Pick<Delivery<Event>, "signal" | "deadLetter">;
  readonly logger: Logger;
  /** All of these events or none. */
  readonly apply: (events: readonly Event[]) => Promise<void>;
  /** Told of each event that was refused for good, once the dead-letter queue keeps it. */
  readonly onRefused?: (event: Event) => void;
}

/**
 * Applies a batch, patiently. One that is refused for good is cut in halves until the one poisoned event is found: the
 * dead-letter queue keeps that one, its neighbours are applied, in order. Rejects only after the signal.
 */
export async function applyBatch<Event>(options: BatchOptions<Event>): Promise<void> {
  const { events, delivery, logger, apply, onRefused } = options;
  try {
    await patiently(() => apply(events), { signal: delivery.signal, logger });
  } catch (error) {
    if (delivery.signal.aborted) throw error;
    const [event] = events;
    if (events.length === 1 && event !== undefined) {
      logger.error({ err: error }, "an event cannot be applied; the dead-letter queue keeps it");
      await delivery.deadLetter(event, error instanceof Error ? error.message : String(error));
      onRefused?.(event);
      return;
    }
    const middle = events.length >>> 1;
    await applyBatch({ ...options, events: events.slice(0, middle) });
    await applyBatch({ ...options, events: events.slice(middle) });
  }
}

/** SQLSTATE classes that speak of the values given: data exception, integrity violation, program limit exceeded. */
const refusals: ReadonlySet<string> = new Set(["22", "23", "54"]);

/** What our own code throws over a value before the database has seen it. */
const ownRefusals = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, InvalidEventError];

/**
 * Whether no later attempt can do better with these values. A statement that the database cannot run at all (a table
 * is missing, a right was taken away) is no fault of an event, nor is an error that nobody here knows, such as those of
 * a network: giving the event up would lose it.
 */
function isRefusal(error: unknown): boolean {
  if (isTransient(error)) return false;
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  if (severity !== undefined) return typeof code === "string" && refusals.has(code.slice(0, 2));
  return ownRefusals.some((kind) => error instanceof kind);
}
