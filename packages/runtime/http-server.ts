import fastifyCookie from "@fastify/cookie";
import fastifyRateLimit from "@fastify/rate-limit";
import { GoChatError, invalidInput } from "@gochat/contracts/errors";
import type { Endpoint } from "@gochat/contracts/http/endpoint";
import { limits } from "@gochat/contracts/limits";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { callerOf, trustProxies } from "./client-address.ts";
import { isSecure } from "./cookies.ts";
import { type EndpointHandler, endpointRoute, type RouteOptions } from "./endpoint-route.ts";
import { answerProblems, createErrorSender } from "./http-problems.ts";
import { takeJsonBodies } from "./json-bodies.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { observeRequests } from "./observed-requests.ts";
import { isFromForeignPage } from "./origin.ts";
import { rawProblem, unreadableRequest } from "./problems.ts";
import { createAnswerHeaders } from "./security-headers.ts";
import type { Identity, Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import type { Tracing } from "./tracing.ts";
import { refuseUnmetDemands } from "./unmet-demands.ts";
import { isReadableQuery } from "./validation.ts";

/** The HTTP side of a process: every service in it registers its endpoints here. */
export interface HttpServer {
  /** Serves one endpoint of the contracts. The handler gets validated input; a thrown GoChatError becomes a problem. */
  route<E extends Endpoint>(endpoint: E, handler: EndpointHandler<E>, options?: RouteOptions): void;
  /** For what is not an endpoint: static files, operating paths. */
  readonly app: FastifyInstance;
}

interface HttpServerOptions {
  readonly settings: Settings;
  readonly sessions: Sessions;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { settings, sessions, logger, metrics, tracing } = options;
  const isTrusted = trustProxies(settings.trustedProxies);
  const answerHeaders = createAnswerHeaders(settings.publicUrl);
  const sendError = createErrorSender({ logger, answerHeaders });
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
    frameworkErrors: sendError,
    clientErrorHandler: (_error, socket) => {
      if (socket.writable) socket.end(rawProblem(unreadableRequest(), answerHeaders));
    },
  });
  const identities = new WeakMap<FastifyRequest, Identity>();
  const identityOf = (request: FastifyRequest) => identities.get(request) ?? null;

  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  observeRequests(app, { isTrusted, logger, metrics, tracing });
  await app.register(fastifyCookie);
  takeJsonBodies(app);
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
      keyGenerator: (request) => identityOf(request)?.userId ?? callerOf(request.ip),
      errorResponseBuilder: (_request, context) =>
        new GoChatError("RATE_LIMITED", "Too many requests; wait a little.", { retryAfterMs: context.ttl }),
    });
  }
  answerProblems(app, sendError);

  return {
    app,
    route(endpoint, handler, options) {
      app.route(
        endpointRoute(endpoint, handler, { ...options, identityOf, secure: isSecure(settings.publicUrl) }),
      );
    },
  };
}
