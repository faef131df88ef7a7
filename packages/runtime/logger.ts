import { type LoggerOptions, pino } from "pino";
import { currentRequest } from "./request-context.ts";

/** One JSON line an event. Never a body, a password, a token or a cookie. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** `write` gets each line; without it they go to standard output. */
export function createLogger(level: LogLevel, write?: (line: string) => void): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    mixin: requestFields,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: [...secretNames, ...secretNames.map((name) => `*.${name}`)],
      remove: true,
    },
  };
  return write ? pino(options, { write }) : pino(options);
}

const secretNames = ["password", "token", "cookie", "authorization", "headers", "body", "query", "url"];

/** Which request a line belongs to. */
function requestFields(): object {
  const request = currentRequest();
  return request ? { requestId: request.requestId, traceId: request.trace.traceId } : {};
}

/** Not every field of an error: what PostgreSQL calls its detail may quote a row, and so a message. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: withoutSecrets(String(error)) };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  const text = { message: withoutSecrets(message), code, stack: stack && withoutSecrets(stack) };
  return { name, ...text, ...(cause !== undefined && { cause: describeError(cause) }) };
}

/** Errors quote what they were given: addresses with a password or a query, tokens, the text that was to be JSON. */
function withoutSecrets(text: string): string {
  return text
    .replace(/(\/\/[^\s/:@]*):[^\s/@]+@/g, "$1:***@")
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "***")
    .replace(/([?&][\w.-]+)=[^\s&"')]*/g, "$1=***")
    .replace(/(Unexpected [^,]*,) .* is not valid JSON/gs, "$1 *** is not valid JSON");
}
