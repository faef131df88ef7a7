import type { ServiceName } from "@gochat/contracts/events/event";
import type { Logger } from "./logger.ts";
import { formatTraceparent, newSpanId, parseTraceparent, traceIdOfMessage } from "./trace-context.ts";
import { type FinishedSpan, noTracing, preciseNow, type Tracing } from "./tracing.ts";

/** What a message's step is called, in the log and as a span. */
export interface Step {
  readonly name: string;
  readonly kind: FinishedSpan["kind"];
  /** When it began: `preciseNow()`. */
  readonly startedAt: number;
  readonly fields?: Readonly<Record<string, string | number>>;
}

/**
 * Follows single messages through a service: a line in the log for each step at level `debug`, and a span for those
 * that are traced. For all others, and so for nearly all where there is much to do, a step costs one comparison.
 */
export class Trail {
  readonly #service: ServiceName;
  readonly #logger: Logger;
  readonly #tracing: Tracing;
  readonly #isDebug: boolean;

  constructor(options: { service: ServiceName; logger: Logger; tracing: Tracing; isDebug: boolean }) {
    this.#service = options.service;
    this.#logger = options.logger;
    this.#tracing = options.tracing;
    this.#isDebug = options.isDebug;
  }

  /** Whether anything is followed at all. Ask before anything is made for `begin`. */
  get isOn(): boolean {
    return this.#isDebug || this.#tracing !== noTracing;
  }

  /** Whether there is anything to say of a message with this trace. Ask before anything is made for `step`. */
  follows(traceparent: string | undefined): boolean {
    return traceparent !== undefined || this.#isDebug;
  }

  /** The first step of a message. Answers the `traceparent` that goes with it, where it is traced. */
  begin(messageId: string, step: Step): string | undefined {
    const traceId = traceIdOfMessage(messageId);
    if (!this.#tracing.samples("message")) return this.#log(traceId, step);
    return this.#record(traceId, undefined, step);
  }

  /** One more step. Answers the `traceparent` for the step after it, where the message is traced. */
  step(messageId: string, traceparent: string | undefined, step: Step): string | undefined {
    if (!this.follows(traceparent)) return;
    const before = parseTraceparent(traceparent);
    if (!before?.sampled) return this.#log(traceIdOfMessage(messageId), step);
    return this.#record(before.traceId, before.spanId, step);
  }

  #record(traceId: string, parentSpanId: string | undefined, step: Step): string {
    this.#log(traceId, step);
    const { name, kind, startedAt, fields } = step;
    const context = { traceId, spanId: newSpanId(), sampled: true };
    this.#tracing.record({
      service: this.#service,
      name,
      kind,
      context,
      parentSpanId,
      startedAt,
      endedAt: preciseNow(),
      ...(fields && { attributes: fields }),
    });
    return formatTraceparent(context);
  }

  #log(traceId: string, { name, fields }: Step): undefined {
    if (this.#isDebug) this.#logger.debug({ traceId, ...fields }, name);
  }
}
