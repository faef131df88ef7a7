/**
 * Every error code of GoChat, once: its HTTP status, the close code of a socket that ends with it,
 * and whether a client should try again ("after" means after `Retry-After` or `retryAfterMs`).
 */
export interface ErrorEntry {
  readonly title: string;
  readonly status: number;
  readonly closeCode?: number;
  readonly retry: "never" | "after" | "sign-in" | "refresh";
}

export const errors = {
  INVALID_INPUT: { title: "The input is not valid", status: 400, retry: "never" },
  INVALID_CREDENTIALS: { title: "The e-mail or the password is wrong", status: 401, retry: "never" },
  UNAUTHENTICATED: { title: "Sign in first", status: 401, closeCode: 4401, retry: "refresh" },
  SESSION_EXPIRED: { title: "The session has ended", status: 401, closeCode: 4401, retry: "sign-in" },
  WRONG_PASSWORD: { title: "The current password is wrong", status: 403, retry: "never" },
  FOREIGN_ORIGIN: {
    title: "The request comes from another site",
    status: 403,
    closeCode: 4403,
    retry: "never",
  },
  NOT_FOUND: { title: "There is no such thing", status: 404, retry: "never" },
  METHOD_NOT_ALLOWED: { title: "This method is not allowed here", status: 405, retry: "never" },
  EMAIL_OR_USERNAME_TAKEN: { title: "The e-mail or the username is taken", status: 409, retry: "never" },
  CLIENT_ID_REUSED: { title: "This id belongs to another message", status: 409, retry: "never" },
  TOO_LARGE: { title: "The content is too large", status: 413, closeCode: 1009, retry: "never" },
  UNSUPPORTED_MEDIA_TYPE: { title: "Send application/json", status: 415, retry: "never" },
  BAD_FRAME: { title: "The frame is not valid", status: 400, closeCode: 4400, retry: "never" },
  FLOODING: { title: "Too many frames", status: 429, closeCode: 4429, retry: "after" },
  RATE_LIMITED: { title: "Too many requests", status: 429, retry: "after" },
  SLOW_CONSUMER: { title: "The connection reads too slowly", status: 503, closeCode: 1013, retry: "after" },
  BUSY: { title: "Too busy right now", status: 503, closeCode: 1013, retry: "after" },
  INTERNAL: { title: "Something went wrong here", status: 500, retry: "after" },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errors;

/** One wrong place in an input: a JSON pointer (`/username`) and a sentence. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** The named error: thrown by rules and commands, translated at the edge (HTTP, socket) and nowhere else. */
export class GoChatError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly fields: readonly FieldError[] | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    detail: string = errors[code].title,
    more: { fields?: readonly FieldError[]; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(`${code}: ${detail}`, { cause: more.cause });
    this.name = "GoChatError";
    this.code = code;
    this.detail = detail;
    this.fields = more.fields;
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** INVALID_INPUT that names each wrong place; the detail says the first three. */
export function invalidInput(...fields: readonly FieldError[]): GoChatError {
  const sentences = fields.slice(0, 3).map(({ path, message }) => `${path || "The input"} ${message}`);
  return new GoChatError("INVALID_INPUT", `${sentences.join("; ")}.`, { fields });
}
