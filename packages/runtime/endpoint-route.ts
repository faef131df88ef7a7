import { GoChatError } from "@gochat/contracts/errors";
import type { AnswerOf, BodyOf, Endpoint, ParamsOf, QueryOf } from "@gochat/contracts/http/endpoint";
import type { FastifyReply, FastifyRequest, RouteOptions as FastifyRoute } from "fastify";
import { Type } from "typebox";
import { observedAs } from "./observed-requests.ts";
import type { Identity } from "./sessions.ts";
import { createTextValidator, createValidator } from "./validation.ts";

export type EndpointHandler<E extends Endpoint> = (
  request: EndpointRequest<E>,
  reply: EndpointReply,
) => Promise<AnswerOf<E>>;

export interface EndpointRequest<E extends Endpoint> {
  readonly body: BodyOf<E>;
  readonly query: QueryOf<E>;
  readonly params: ParamsOf<E>;
  /** Never null where the endpoint's access is `person`. */
  readonly identity: E["access"] extends "person" ? Identity : Identity | null;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  readonly ip: string;
  readonly userAgent: string | null;
}

export interface EndpointReply {
  /** Sets an HttpOnly cookie; `Secure` follows PUBLIC_URL. */
  setCookie(name: string, value: string, options: CookieOptions): void;
  clearCookie(name: string, options: Pick<CookieOptions, "path">): void;
  header(name: string, value: string): void;
}

export interface CookieOptions {
  readonly path: string;
  readonly maxAgeSeconds: number;
  readonly sameSite: "lax" | "strict";
}

export interface RouteOptions {
  /** Requests per window and caller (the person, or the address of a guest); lifted by RATE_LIMITS=off. */
  readonly rateLimit?: { readonly max: number; readonly windowSeconds: number };
  /** Changes the body before it is validated, such as folding a username to lower case. Gets any JSON value. */
  readonly fold?: (body: unknown) => unknown;
}

interface EndpointRouteOptions extends RouteOptions {
  readonly identityOf: (request: FastifyRequest) => Identity | null;
  /** Whether cookies go over https alone. */
  readonly secure: boolean;
}

/** What any route allows one caller; routes that cost more say less. */
const generalRateLimit = { max: 1500, windowSeconds: 60 };
const nothing = Type.Object({}, { additionalProperties: false });

/** An endpoint of the contracts as a route of the framework: who is asking, what is asked, the handler, its answer. */
export function endpointRoute<E extends Endpoint>(
  endpoint: E,
  handler: EndpointHandler<E>,
  { identityOf, secure, rateLimit = generalRateLimit, fold = (body) => body }: EndpointRouteOptions,
): FastifyRoute {
  const readBody = createValidator(endpoint.body ?? nothing);
  const readQuery = createTextValidator(endpoint.query ?? nothing);
  const readParams = createTextValidator(endpoint.params ?? nothing);
  return {
    method: endpoint.method,
    url: endpoint.path,
    schema: endpoint.answer ? { response: { [endpoint.status]: endpoint.answer } } : {},
    config: {
      ...observedAs(endpoint),
      rateLimit: { max: rateLimit.max, timeWindow: rateLimit.windowSeconds * 1000 },
    },
    handler: async (request, reply) => {
      const identity = identityOf(request);
      if (endpoint.access === "person" && !identity) throw new GoChatError("UNAUTHENTICATED");
      const input = {
        body: endpoint.body || request.body !== undefined ? readBody(fold(request.body)) : undefined,
        query: readQuery(request.query),
        params: readParams(request.params),
        identity,
        cookies: request.cookies,
        ip: request.ip,
        userAgent: request.headers["user-agent"] ?? null,
      } as EndpointRequest<E>;
      const answer = await handler(input, replyOf(reply, secure));
      reply.header("cache-control", "no-store").code(endpoint.status);
      return answer;
    },
  };
}

function replyOf(reply: FastifyReply, secure: boolean): EndpointReply {
  return {
    setCookie(name, value, { path, maxAgeSeconds, sameSite }) {
      reply.setCookie(name, value, { path, maxAge: maxAgeSeconds, sameSite, httpOnly: true, secure });
    },
    clearCookie(name, { path }) {
      reply.clearCookie(name, { path, httpOnly: true, secure });
    },
    header(name, value) {
      reply.header(name, value);
    },
  };
}
