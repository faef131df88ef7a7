import { errors, type GoChatError } from "@gochat/contracts/errors";
import Fastify from "fastify";
import { describe, expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";
import { type ReadinessCheck, registerOperatingRoutes } from "./operating-routes.ts";
import { observeParts } from "./process-gauges.ts";

function open(checks: readonly ReadinessCheck[], metricsFor: "this machine" | "anyone") {
  const app = Fastify();
  app.setErrorHandler<GoChatError>((error, _request, reply) => reply.code(errors[error.code].status).send());
  const metrics = createMetrics();
  observeParts(metrics, new Map(), checks);
  registerOperatingRoutes(app, { metrics, checks, metricsFor });
  return app;
}

const works: ReadinessCheck = { name: "broker", ping: async () => {} };
const fails: ReadinessCheck = { name: "cache", ping: () => Promise.reject(new Error("thrown on purpose")) };
const fromElsewhere = { remoteAddress: "198.51.100.7", headers: { host: "chat.test" } };

describe("metrics", () => {
  test("of a service apart are for whoever reaches its port, of the whole program for its machine", async () => {
    const apart = await open([works], "anyone").inject({ url: "/metrics", ...fromElsewhere });
    expect(apart.statusCode).toBe(200);
    expect(apart.headers["content-type"]).toContain("text/plain");
    const whole = await open([works], "this machine").inject({ url: "/metrics", ...fromElsewhere });
    expect(whole.statusCode).toBe(404);
  });

  test("say of each part whether it answers", async () => {
    const { body } = await open([works, fails], "anyone").inject({ url: "/metrics" });
    expect(body).toContain('gochat_part_ready{part="broker"} 1');
    expect(body).toContain('gochat_part_ready{part="cache"} 0');
  });
});
