import { randomUUID } from "node:crypto";
import type { ServiceName } from "@gochat/contracts/events/event";
import type { Endpoint } from "@gochat/contracts/http/endpoint";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IsTrusted } from "./client-address.ts";
import type { Logger } from "./logger.ts";
import { durationBuckets, type Metrics } from "./metrics.ts";
import { type RequestContext, runInRequest } from "./request-context.ts";
import { newSpanId, newTraceId, parseTraceparent } from "./trace-context.ts";
import { preciseNow, type Tracing } from "./tracing.ts";

interface Observing {
  readonly isTrusted: IsTrusted;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

/** A request whose answer is not sent yet. */
interface Begun extends RequestContext {
  readonly parentSpanId: string | undefined;
  readonly startedAt: number;
}

const requestIdForm = /^[\w.-]{1,64}$/;

/**
 * Gives each request an id and a trace, and measures, logs and traces it when its answer is sent. Only a trusted proxy
 * may bring either with it: a client that chose its trace could have itself traced, or mixed up with somebody else.
 * What is said of a request is its route, never its address: that may hold a name or an id.
 */
export function observeRequests(app: FastifyInstance, observing: Observing): void {
  const { isTrusted, logger, metrics, tracing } = observing;
  const begun = new WeakMap<FastifyRequest, Begun>();
  const seconds = metrics.histogram({
    name: "gochat_http_request_duration_seconds",
    help: "From the head of a request to the end of its answer.",
    labels: ["method", "route", "status"],
    buckets: durationBuckets,
  });

  function begin({ headers, socket }: FastifyRequest): Begun {
    const isBelieved = isTrusted(socket.remoteAddress ?? "");
    const given = isBelieved ? headers["x-request-id"] : undefined;
    const parent = isBelieved ? parseTraceparent(String(headers.traceparent)) : undefined;
    const sampled = parent ? parent.sampled : tracing.samples("request");
    return {
      requestId: typeof given === "string" && requestIdForm.test(given) ? given : randomUUID(),
      trace: { traceId: parent?.traceId ?? newTraceId(), spanId: newSpanId(), sampled },
      parentSpanId: parent?.spanId,
      startedAt: preciseNow(),
    };
  }

  app.addHook("onRequest", (request, _reply, done) => {
    const context = begin(request);
    begun.set(request, context);
    runInRequest(context, done);
  });
  // Reading a body leaves the asynchronous context in which it was begun.
  app.addHook("preValidation", (request, _reply, done) => {
    const context = begun.get(request);
    if (context) runInRequest(context, done);
    else done();
  });
  // Only an answer that somebody will ask about: others are the same for the same question.
  app.addHook("onSend", (request, reply, _payload, done) => {
    const context = begun.get(request);
    if (context && reply.statusCode >= 500) reply.header("x-request-id", context.requestId);
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const context = begun.get(request);
    if (context) end(request, reply, context);
    done();
  });

  function end(request: FastifyRequest, reply: FastifyReply, context: Begun): void {
    const { requestId, trace, parentSpanId, startedAt } = context;
    const endedAt = preciseNow();
    const { method } = request;
    const { statusCode: status } = reply;
    const route = routeOf(request);
    seconds.observe({ method: methodLabel(method), route, status }, (endedAt - startedAt) / 1000);
    const service = serviceOf(request);
    const milliseconds = Math.round(endedAt - startedAt);
    const line = { requestId, traceId: trace.traceId, method, route, status, milliseconds };
    if (service) logger.info({ ...line, service }, "request");
    else logger.debug(line, "request");
    if (!service || !trace.sampled) return;
    tracing.record({
      service,
      name: `${method} ${route}`,
      kind: "server",
      context: trace,
      parentSpanId,
      startedAt,
      endedAt,
      attributes: {
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
        "gochat.request_id": requestId,
      },
      failed: status >= 500,
    });
  }
}

/** What a route's `config` says of it: whose endpoint it is. */
export function observedAs({ tag }: Endpoint): { readonly service: ServiceName } {
  return { service: tag === "conversations" ? "messages" : tag };
}

function serviceOf({ routeOptions }: FastifyRequest): ServiceName | undefined {
  return (routeOptions.config as { service?: ServiceName }).service;
}

const operatingPaths: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** Files of the web client are one route here, and what is not there another: anybody can make up paths. */
function routeOf({ routeOptions, is404 }: FastifyRequest): string {
  const url = routeOptions.url ?? "";
  if (is404) return "none";
  return url.startsWith("/api/") || operatingPaths.has(url) ? url : "files";
}

const knownMethods: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "DELETE",
  "PUT",
  "PATCH",
  "OPTIONS",
]);

function methodLabel(method: string): string {
  return knownMethods.has(method) ? method : "other";
}
