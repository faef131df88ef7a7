import { randomBytes } from "node:crypto";

/** Where a step belongs: W3C Trace Context, https://www.w3.org/TR/trace-context/. Ids in lower-case hexadecimal. */
export interface TraceContext {
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits. */
  readonly spanId: string;
  /** Whether the spans of this trace are kept. */
  readonly sampled: boolean;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Undefined for what is no `traceparent`. */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  const [, version, traceId, spanId, flags, more] = form.exec(text ?? "") ?? [];
  if (!traceId || !spanId || !flags || version === "ff" || (version === "00" && more !== undefined)) return;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

export function newTraceId(): string {
  return randomBytes(16).toString("hex");
}

export function newSpanId(): string {
  return randomBytes(8).toString("hex");
}

/** A message's trace has the message's own id, so that one id finds it in logs, traces and the database alike. */
export function traceIdOfMessage(messageId: string): string {
  return messageId.replaceAll("-", "");
}
