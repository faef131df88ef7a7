import { GoChatError } from "@gochat/contracts/errors";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Metrics } from "./metrics.ts";

/** A part that must answer for this process to be ready. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ping: () => Promise<void>;
}

interface OperatingParts {
  readonly metrics: Metrics;
  readonly checks: readonly ReadinessCheck[];
  /** Who may see the metrics. `anyone`: whoever reaches the port, where nobody but the cluster itself does. */
  readonly metricsFor: "this machine" | "anyone";
}

/**
 * `/healthz`: the process lives. `/readyz`: its database, broker and cache answer; with `?optional=cache` also where
 * the cache does not, for whoever takes a process out of service that is not ready. `/metrics`: for Prometheus.
 */
export function registerOperatingRoutes(
  app: FastifyInstance,
  { metrics, checks, metricsFor }: OperatingParts,
): void {
  app.get("/healthz", async () => ({ status: "ok" }));
  app.get<{ Querystring: { optional?: string } }>("/readyz", async (request, reply) => {
    const readiness = await readinessOf(checks, request.query.optional);
    reply.code(readiness.status === "ok" ? 200 : 503);
    if (readiness.status !== "ok") reply.header("retry-after", 1);
    return readiness;
  });
  app.get("/metrics", async (request, reply) => {
    if (metricsFor === "this machine" && !isFromThisMachine(request)) throw new GoChatError("NOT_FOUND");
    const { contentType, text } = await metrics.page();
    return reply.type(contentType).send(text);
  });
}

export interface Readiness {
  readonly status: "ok" | "waiting";
  readonly checks: Readonly<Record<string, "ok" | "waiting">>;
}

/** `optional`: a part that is told of, but does not count, since this process works without it. */
export async function readinessOf(checks: readonly ReadinessCheck[], optional?: string): Promise<Readiness> {
  const states = await Promise.all(checks.map(stateOf));
  const isReady = states.every(({ name, state }) => state === "ok" || name === optional);
  return {
    status: isReady ? "ok" : "waiting",
    checks: Object.fromEntries(states.map(({ name, state }) => [name, state])),
  };
}

export async function stateOf({
  name,
  ping,
}: ReadinessCheck): Promise<{ name: string; state: "ok" | "waiting" }> {
  try {
    await ping();
    return { name, state: "ok" };
  } catch {
    return { name, state: "waiting" };
  }
}

/** A proxy on this machine also comes from loopback, but it passes on for whom. */
function isFromThisMachine({ headers, hostname, socket }: FastifyRequest): boolean {
  const isPassedOn = Object.keys(headers).some(
    (name) =>
      name === "forwarded" || name === "via" || name.startsWith("x-forwarded-") || name === "x-real-ip",
  );
  const isLocalName = hostname === "localhost" || isLoopback(hostname.replace(/^\[|\]$/g, ""));
  return !isPassedOn && isLocalName && isLoopback(socket.remoteAddress);
}

function isLoopback(address: string | undefined): boolean {
  return address === "::1" || (address?.replace("::ffff:", "").startsWith("127.") ?? false);
}
