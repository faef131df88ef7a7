import type { FieldError } from "@gochat/contracts/errors";
import type { Problem } from "@gochat/contracts/http/problem";

const requestTimeoutMs = 15_000;

/** Why a call failed. `code` is a code of the contracts, or `NETWORK` when no answer came at all. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: readonly FieldError[];
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    code: string,
    detail: string,
    fields: readonly FieldError[],
    retryAfter?: number,
  ) {
    super(detail);
    this.name = "ProblemError";
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfterMs = retryAfter;
  }
}

export type Request = <Answer>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
) => Promise<Answer>;

/**
 * Calls the API once. Throws a ProblemError.
 * `undefined` values of a query are left out by `query()`, never sent as text.
 */
export const requestOnce: Request = async <Answer>(method: string, path: string, body?: unknown) => {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      signal: AbortSignal.timeout(requestTimeoutMs),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    if (response.status === 204) return undefined as Answer;
    if (response.ok) return (await response.json()) as Answer;
  } catch {
    throw new ProblemError(0, "NETWORK", "GoChat cannot be reached right now.", []);
  }
  throw await problemOf(response);
};

async function problemOf(response: Response): Promise<ProblemError> {
  const seconds = Number(response.headers.get("retry-after"));
  const retryAfterMs = seconds > 0 ? seconds * 1000 : undefined;
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return new ProblemError(
    response.status,
    problem.code ?? "INTERNAL",
    problem.detail ?? problem.title ?? "Something went wrong.",
    problem.errors ?? [],
    retryAfterMs,
  );
}

/** `?a=1&b=2`, without what is undefined; empty when nothing is left. */
export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text && `?${text}`;
}
