import type { ServiceName } from "@gochat/contracts/events/event";
import type { Logger } from "./logger.ts";
import type { TraceContext } from "./trace-context.ts";

/** A step that is over. Never a body, a name or a cookie in it. */
export interface FinishedSpan {
  readonly service: ServiceName;
  /** Few values: what was done, never to what. */
  readonly name: string;
  readonly kind: "server" | "producer" | "consumer" | "internal";
  /** Its own place in the trace. */
  readonly context: TraceContext;
  /** The step before it; undefined for the first one. */
  readonly parentSpanId: string | undefined;
  /** Milliseconds since 1970, with fractions. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly failed?: boolean;
}

/** Where spans go. */
export interface Tracing {
  /** Whether a trace that begins now is kept. */
  samples(kind: TraceKind): boolean;
  record(span: FinishedSpan): void;
  /** Sends what is not sent yet, for a few seconds at most. */
  close(): Promise<void>;
}

export type TraceKind = "request" | "message";

/** Without a collector nothing is kept, and OpenTelemetry's SDK is not loaded. */
export const noTracing: Tracing = {
  samples: () => false,
  record() {},
  close: async () => {},
};

export async function createTracing({
  endpoint,
  logger,
}: {
  /** The address of an OTLP collector. */
  readonly endpoint: string | undefined;
  readonly logger: Logger;
}): Promise<Tracing> {
  if (!endpoint) return noTracing;
  const { createOpenTelemetry } = await import("./open-telemetry.ts");
  return createOpenTelemetry({ endpoint, logger });
}

/** The time of spans: what `Date.now` says, finer. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
