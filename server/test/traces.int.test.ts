import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { startCollector } from "@gochat/testing/collector";
import { startGoChat } from "@gochat/testing/gochat";
import { connectChat } from "@gochat/testing/sockets";
import { expect, test } from "vitest";

test("a rejected message has its trace too", async () => {
  await using collector = await startCollector();
  await using gochat = await startGoChat({ settings: { tracesEndpoint: collector.url } });
  const ana = await gochat.signUp("ana");
  await using socket = await connectChat(gochat, ana);
  const id = randomUUID();
  socket.send({ type: "message.send", id, to: randomUUID(), body: "hello" });
  const frame = await socket.receives("message.rejected");
  expect(frame).not.toHaveProperty("trace");
  await expect
    .poll(() => collector.spans.filter(({ traceId }) => traceId === id.replaceAll("-", "")), {
      timeout: 10_000,
    })
    .toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ service: "messages", name: "message rejected" }),
        expect.objectContaining({ service: "chat", name: "rejection delivered" }),
      ]),
    );
});

test("a collector that is not there stops nothing", async () => {
  await using gochat = await startGoChat({
    settings: { tracesEndpoint: "http://127.0.0.1:9", logLevel: "silent" },
  });
  const ana = await gochat.signUp("ana");
  const bob = await gochat.signUp("bob");
  await using socket = await connectChat(gochat, ana);
  socket.send({ type: "message.send", id: randomUUID(), to: bob.id, body: "hello" });
  await socket.receives("message.stored");
});

test("without a collector nothing that sends traces is loaded", async () => {
  const source = `
    import { createRequire } from "node:module";
    import { createTracing } from "@gochat/runtime/tracing";
    await import("./server/src/gochat.ts");
    const loaded = () => Object.keys(createRequire(process.cwd() + "/").cache).filter((path) => /opentelemetry.(sdk|exporter|otlp)/.test(path));
    const logger = { warn() {} };
    await createTracing({ endpoint: undefined, logger });
    const without = loaded().length;
    await createTracing({ endpoint: "http://127.0.0.1:9", logger });
    console.log(JSON.stringify({ without, isSeen: loaded().length > 0 }));
    process.exit();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source]);
  expect(JSON.parse(stdout)).toEqual({ without: 0, isSeen: true });
});
