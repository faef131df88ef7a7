import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { createLogger, type Logger } from "./logger.ts";
import { runInRequest } from "./request-context.ts";

/** The one line that is logged. */
function lineOf(log: (logger: Logger) => void): { text: string; fields: Record<string, unknown> } {
  const lines: string[] = [];
  log(createLogger("debug", (line) => lines.push(line)));
  expect(lines).toHaveLength(1);
  return { text: lines[0]!, fields: JSON.parse(lines[0]!) };
}

function lineOfError(error: unknown): string {
  return lineOf((logger) => logger.error({ err: error }, "it failed")).text;
}

test("an error is logged without what may quote a row", () => {
  const error = Object.assign(new Error("null value"), {
    code: "23502",
    detail: "Failing row: (secret text)",
  });
  const { text, fields } = lineOf((logger) => logger.error({ err: error, body: "secret text" }, "it failed"));
  expect(fields).toMatchObject({ level: "error", msg: "it failed", err: { code: "23502" } });
  expect(text).not.toContain("secret");
});

test.each(["password", "token", "cookie", "authorization", "headers", "body", "query", "url"])(
  "a field named %s is left out, also one level deeper",
  (name) => {
    const { text } = lineOf((logger) => logger.info({ [name]: "secret", inside: { [name]: "secret" } }, "x"));
    expect(text).not.toContain("secret");
  },
);

test("an error that quotes an address, a token or a text is logged without it", () => {
  const token = `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(20)}`;
  const cause = new Error("connect failed: amqp://chat:secret@broker.test:5672/gochat");
  for (const error of [
    cause,
    new Error("outside", { cause }),
    new Error(`refused ${token}`.replaceAll("c", "secret")),
    new Error("GET /api/users?prefix=secret&limit=3 failed"),
    thrownBy(() => JSON.parse('secret {"body":"secret"}')),
    "postgres://gochat:secret@db.test/gochat",
  ]) {
    expect(lineOfError(error)).not.toContain("secret");
  }
  expect(lineOfError(cause)).toContain("broker.test:5672");
});

test("a line says to which request it belongs, wherever it is written", async () => {
  const requestId = randomUUID();
  const trace = { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: false };
  const lines: string[] = [];
  const logger = createLogger("info", (line) => lines.push(line)).child({ service: "auth" });
  await runInRequest({ requestId, trace }, async () => {
    await new Promise(setImmediate);
    logger.info({}, "inside");
  });
  logger.info({}, "outside");
  expect(JSON.parse(lines[0]!)).toMatchObject({ requestId, traceId: trace.traceId, service: "auth" });
  expect(JSON.parse(lines[1]!)).not.toHaveProperty("requestId");
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
