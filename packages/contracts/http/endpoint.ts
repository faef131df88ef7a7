import type { Static, TSchema } from "typebox";
import type { ErrorCode } from "../errors.ts";

/** One HTTP call of the public protocol: routes, validation, serialisation and OpenAPI all read it. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "DELETE";
  /** With parameters as `:name`. */
  readonly path: string;
  readonly tag: "auth" | "users" | "conversations" | "notifications";
  readonly summary: string;
  /** Who may call it: `person` needs the access token, `anyone` may be a guest. */
  readonly access: "person" | "anyone";
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly status: 200 | 201 | 204;
  /** Absent where the answer has no body. */
  readonly answer?: TSchema;
  /** Besides INVALID_INPUT, UNAUTHENTICATED, FOREIGN_ORIGIN, RATE_LIMITED and BUSY, which any call may answer. */
  readonly errors: readonly ErrorCode[];
}

export function defineEndpoint<const E extends Endpoint>(endpoint: E): E {
  return endpoint;
}

type StaticOr<Schema, Otherwise> = Schema extends TSchema ? Static<Schema> : Otherwise;
export type BodyOf<E extends Endpoint> = StaticOr<E["body"], undefined>;
export type QueryOf<E extends Endpoint> = StaticOr<E["query"], Record<string, never>>;
export type ParamsOf<E extends Endpoint> = StaticOr<E["params"], Record<string, never>>;
/** What a handler resolves with: nothing where the answer has no body. */
export type AnswerOf<E extends Endpoint> = StaticOr<E["answer"], void>;
