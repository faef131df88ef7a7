import { errors, GoChatError } from "@gochat/contracts/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AllowedMethods } from "./allowed-methods.ts";
import type { Logger } from "./logger.ts";
import { problemContentType, retryAfterSeconds, toGoChatError, toProblem } from "./problems.ts";

/** Answers with the problem document of whatever was thrown. */
export type SendError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => void;

interface ErrorSenderOptions {
  readonly logger: Logger;
  /** What every answer carries. */
  readonly answerHeaders: Readonly<Record<string, string>>;
}

/** How much of a body that was refused for its size is still read. */
const maxDiscardedBytes = 16 * 1024 * 1024;

export function createErrorSender({ logger, answerHeaders }: ErrorSenderOptions): SendError {
  return (thrown, request, reply) => {
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
  };
}

/** What a route throws, what no route is there for, and what is there for other methods. Before the first route. */
export function answerProblems(app: FastifyInstance, sendError: SendError): void {
  const allowedMethods = new AllowedMethods();
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
}
