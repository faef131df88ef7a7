import { isUtf8 } from "node:buffer";
import fastifyCookie from "@fastify/cookie";
import fastifyRateLimit from "@fastify/rate-limit";
import { errors, GoChatError, invalidInput } from "@gochat/contracts/errors";
import type { AnswerOf, BodyOf, Endpoint, ParamsOf, QueryOf } from "@gochat/contracts/http/endpoint";
import { limits } from "@gochat/contracts/limits";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { Type } from "typebox";
import { AllowedMethods } from "./allowed-methods.ts";
import { callerOf, trustProxies } from "./client-address.ts";
import { isSecure } from "./cookies.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { observedAs, observeRequests } from "./observed-requests.ts";
import { isFromForeignPage } from "./origin.ts";
import {
  problemContentType,
  rawProblem,
  retryAfterSeconds,
  toGoChatError,
  toProblem,
  unreadableRequest,
} from "./problems.ts";
import { createAnswerHeaders } from "./security-headers.ts";
import type { Identity, Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import type { Tracing } from "./tracing.ts";
import { refuseUnmetDemands } from "./unmet-demands.ts";
import { createTextValidator, createValidator, isReadableQuery } from "./validation.ts";

/** The HTTP side of a process: every service in it registers its endpoints here. */
export interface HttpServer {
  /** Serves one endpoint of the contracts. The handler gets validated input; a thrown GoChatError becomes a problem. */
  route<E extends Endpoint>(endpoint: E, handler: EndpointHandler<E>, options?: RouteOptions): void;
  /** For what is not an endpoint: static files, operating paths. */
  readonly app: FastifyInstance;
}

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

interface HttpServerOptions {
  readonly settings: Settings;
  readonly sessions: Sessions;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

/** What any route allows one caller; routes that cost more say less. */
const generalRateLimit = { max: 1500, windowSeconds: 60 };
/** How much of a body that was refused for its size is still read. */
const maxDiscardedBytes = 16 * 1024 * 1024;
const nothing = Type.Object({}, { additionalProperties: false });

export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { settings, sessions, logger, metrics, tracing } = options;
  const isTrusted = trustProxies(settings.trustedProxies);
  const answerHeaders = createAnswerHeaders(settings.publicUrl);
  const app = Fastify({
    bodyLimit: limits.maxBodyBytes,
    trustProxy: isTrusted,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: "idle",
    http: {
      // What Node.js refuses by itself it refuses without a problem document, so that is done here.
      requireHostHeader: false,
      // Other protocols are declined by answering in this one.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
    },
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
    clientErrorHandler: (_error, socket) => {
      if (socket.writable) socket.end(rawProblem(unreadableRequest(), answerHeaders));
    },
  });
  const identities = new WeakMap<FastifyRequest, Identity>();
  const allowedMethods = new AllowedMethods();

  function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = toGoChatError(thrown);
    const { status } = errors[error.code];
    if (status === 500) {
      const { method, routeOptions } = request;
      logger.error({ err: error.cause, method, route: routeOptions.url }, "request failed");
    }
    const retryAfter = retryAfterSeconds(error);
    if (retryAfter !== undefined) reply.header("retry-after", retryAfter);
    // A closed connection would reset clients that write all before they read; the rest is thrown away instead.
    if (Number(request.headers["content-length"]) <= maxDiscardedBytes) reply.removeHeader("connection");
    reply
      .headers(answerHeaders)
      .header("cache-control", "no-store")
      .code(status)
      .type(problemContentType)
      .send(JSON.stringify(toProblem(error)));
  }

  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  observeRequests(app, { isTrusted, logger, metrics, tracing });
  await app.register(fastifyCookie);
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, bytes, done) => {
    // Clients set the type also where they send nothing.
    if (bytes.length === 0) done(null, undefined);
    else if (!isUtf8(bytes)) done(invalidInput({ path: "", message: "is not UTF-8" }));
    else parseJson(request, bytes.toString(), done);
  });

  app.addHook("onRequest", async (request, reply) => {
    reply.headers(answerHeaders);
    refuseUnmetDemands(request.raw);
    if (!isReadableQuery(request.url)) {
      throw invalidInput({ path: "", message: "has a query that cannot be read" });
    }
    const changesState = request.method !== "GET" && request.method !== "HEAD";
    if (changesState && isFromForeignPage(request.headers, settings.publicUrl)) {
      throw new GoChatError("FOREIGN_ORIGIN");
    }
    const identity = await sessions.identify(request.headers.cookie);
    if (identity) identities.set(request, identity);
  });
  if (settings.rateLimits) {
    await app.register(fastifyRateLimit, {
      global: false,
      keyGenerator: (request) => identities.get(request)?.userId ?? callerOf(request.ip),
      errorResponseBuilder: (_request, context) =>
        new GoChatError("RATE_LIMITED", "Too many requests; wait a little.", { retryAfterMs: context.ttl }),
    });
  }
  app.addHook("onRoute", ({ url, method }) => {
    for (const name of [method].flat()) allowedMethods.add(url, name);
  });
  app.setErrorHandler(sendError);
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods.of(request.url);
    // A path may look like one that is served and not be taken by the router: it is too long.
    const isWrongMethod = allowed.length > 0 && !allowed.includes(request.method);
    if (isWrongMethod) reply.header("allow", allowed.join(", "));
    sendError(new GoChatError(isWrongMethod ? "METHOD_NOT_ALLOWED" : "NOT_FOUND"), request, reply);
  });

  return {
    app,
    route(endpoint, handler, { rateLimit = generalRateLimit, fold = (body: unknown) => body } = {}) {
      const readBody = createValidator(endpoint.body ?? nothing);
      const readQuery = createTextValidator(endpoint.query ?? nothing);
      const readParams = createTextValidator(endpoint.params ?? nothing);
      app.route({
        method: endpoint.method,
        url: endpoint.path,
        schema: endpoint.answer ? { response: { [endpoint.status]: endpoint.answer } } : {},
        config: {
          ...observedAs(endpoint),
          rateLimit: { max: rateLimit.max, timeWindow: rateLimit.windowSeconds * 1000 },
        },
        handler: async (request, reply) => {
          const identity = identities.get(request) ?? null;
          if (endpoint.access === "person" && !identity) throw new GoChatError("UNAUTHENTICATED");
          const input = {
            body: endpoint.body || request.body !== undefined ? readBody(fold(request.body)) : undefined,
            query: readQuery(request.query),
            params: readParams(request.params),
            identity,
            cookies: request.cookies,
            ip: request.ip,
            userAgent: request.headers["user-agent"] ?? null,
          } as EndpointRequest<typeof endpoint>;
          const answer = await handler(input, replyOf(reply, isSecure(settings.publicUrl)));
          reply.header("cache-control", "no-store").code(endpoint.status);
          return answer;
        },
      });
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
