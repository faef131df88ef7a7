import { errors, GoChatError, invalidInput } from "@gochat/contracts/errors";
import type { Problem } from "@gochat/contracts/http/problem";
import { isTransient } from "@gochat/database/database";

export const problemContentType = "application/problem+json; charset=utf-8";

/** The problem document (RFC 9457) of a named error. It never says more than the error's own sentence. */
export function toProblem(error: GoChatError): Problem {
  const { title, status } = errors[error.code];
  return {
    type: `urn:gochat:error:${error.code}`,
    title,
    status,
    detail: error.detail,
    code: error.code,
    ...(error.fields && { errors: [...error.fields] }),
  };
}

/** Seconds for `Retry-After`, which every 429 and 503 carries; undefined for the others. */
export function retryAfterSeconds(error: GoChatError): number | undefined {
  const { status } = errors[error.code];
  if (status !== 429 && status !== 503) return undefined;
  return Math.max(1, Math.ceil((error.retryAfterMs ?? 1000) / 1000));
}

/** What the HTTP framework itself refuses, in our words. */
const frameworkErrors: Readonly<Record<string, () => GoChatError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new GoChatError("TOO_LARGE"),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => new GoChatError("UNSUPPORTED_MEDIA_TYPE"),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    invalidInput({ path: "", message: "has not the length it claims" }),
  FST_ERR_CTP_INVALID_JSON_BODY: () => invalidInput({ path: "", message: "is not JSON that can be taken" }),
  FST_ERR_BAD_URL: () => invalidInput({ path: "", message: "has an address that cannot be read" }),
  FST_ERR_MAX_PARAM_LENGTH: () => invalidInput({ path: "", message: "has too long an address" }),
};

/** A request that nothing else can be said about. */
export function unreadableRequest(): GoChatError {
  return invalidInput({ path: "", message: "is not a request that can be read" });
}

/** Any thrown thing as a named error; what nobody named is INTERNAL and says nothing of its cause. */
export function toGoChatError(thrown: unknown): GoChatError {
  if (thrown instanceof GoChatError) return thrown;
  const { code, statusCode } = (thrown ?? {}) as { code?: string; statusCode?: number };
  const known = code === undefined ? undefined : frameworkErrors[code];
  if (known) return known();
  if (statusCode === 400) return unreadableRequest();
  if (isTransient(thrown)) {
    const detail = "The database does not answer right now; try again.";
    return new GoChatError("BUSY", detail, { retryAfterMs: 2000, cause: thrown });
  }
  return new GoChatError("INTERNAL", undefined, { cause: thrown });
}

/**
 * A whole HTTP/1.1 answer, for sockets that no framework reply stands for: refused upgrades, unreadable requests.
 * `headers`: what every answer carries.
 */
export function rawProblem(error: GoChatError, headers: Readonly<Record<string, string>>): string {
  const body = JSON.stringify(toProblem(error));
  const { status, title } = errors[error.code];
  const retryAfter = retryAfterSeconds(error);
  const lines = Object.entries({
    ...headers,
    ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    "cache-control": "no-store",
    "content-type": problemContentType,
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${status} ${title}\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}
