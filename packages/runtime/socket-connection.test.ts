import { once } from "node:events";
import { createServer } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { encodeFrame } from "./encoded-frame.ts";
import { createLogger } from "./logger.ts";
import { SocketConnection } from "./socket-connection.ts";
import type { SocketRegistry } from "./socket-registry.ts";
import type { CompiledPath } from "./socket-server.ts";

/** Both ends of one socket, in memory; `seen` is what the library's own client makes of the bytes. */
async function connect() {
  const [near, far] = duplexPair();
  const path = {
    traffic: { framesSent: 0, framesReceived: new Map(), refused: vi.fn(), closed: vi.fn() },
    validators: new Map(),
    handlers: new Map(),
    open: vi.fn(),
    closed: vi.fn(),
  };
  const seen: string[] = [];
  const server = createServer();
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const upgraded = new Promise<{ connection: SocketConnection; webSocket: WebSocket; socket: Duplex }>(
    (resolve) => {
      server.on("upgrade", (request, socket, head) => {
        webSockets.handleUpgrade(request, socket, head, (webSocket) => {
          const connection = new SocketConnection({
            webSocket,
            socket,
            identity: null,
            caller: "test",
            path: path as unknown as CompiledPath,
            registry: { add() {}, remove() {} } as unknown as SocketRegistry,
            logger: createLogger("silent"),
            clock: Date.now,
            limited: false,
          });
          resolve({ connection, webSocket, socket });
        });
      });
    },
  );
  server.emit("connection", near);
  const client = new WebSocket("ws://localhost/", { createConnection: () => far, perMessageDeflate: false });
  client.on("message", (data) => seen.push(JSON.parse(String(data)).n));
  client.on("ping", (data) => seen.push(`ping ${data}`.trim()));
  const closed = once(client, "close").then(([code, reason]) => `${code} ${reason}`);
  await once(client, "open");
  const { connection, webSocket, socket } = await upgraded;
  const write = vi.spyOn(socket, "write");
  return { connection, webSocket, socket, client, path, seen, closed, write };
}

describe("frames of one turn", () => {
  test("leave together, when it is over", async () => {
    const { connection, socket, seen, write, path } = await connect();
    const uncork = vi.spyOn(socket, "uncork");
    connection.send({ n: 1 });
    connection.send(encodeFrame({ n: "é".repeat(100) }));
    connection.send({ n: 3 });
    expect(write).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(seen).toEqual([1, "é".repeat(100), 3]));
    expect(uncork).toHaveBeenCalledOnce();
    expect(Math.max(...write.mock.invocationCallOrder)).toBeLessThan(uncork.mock.invocationCallOrder[0]!);
    expect(path.traffic.framesSent).toBe(3);
  });

  test("to several sockets are the same bytes, not a copy", async () => {
    const [ana, bob] = [await connect(), await connect()];
    const text = encodeFrame({ n: 1 });
    ana.connection.send(text);
    bob.connection.send(text);
    await vi.waitFor(() => expect([...ana.seen, ...bob.seen]).toEqual([1, 1]));
    for (const { write } of [ana, bob]) expect(write.mock.calls[0]![0]).toBe(text.bytes);
  });

  test("are not copied, and keep their order", async () => {
    const { connection, seen, write } = await connect();
    const texts = [1, 2, 3].map((n) => encodeFrame({ n, rest: "x".repeat(100_000) }));
    for (const text of texts) connection.send(text);
    await vi.waitFor(() => expect(seen).toEqual([1, 2, 3]));
    expect(write.mock.calls.map(([bytes]) => bytes)).toEqual(texts.map(({ bytes }) => bytes));
  });

  test("go before a ping", async () => {
    const { connection, seen } = await connect();
    const onReceived = vi.fn();
    connection.send({ n: 1 });
    connection.whenReceived(onReceived);
    connection.send({ n: 2 });
    connection.ping();
    connection.send({ n: 3 });
    await vi.waitFor(() => expect(seen).toEqual([1, "ping received", 2, "ping", 3]));
    await vi.waitFor(() => expect(onReceived).toHaveBeenCalledOnce());
  });

  test("go before the close frame, and what comes later is dropped", async () => {
    const { connection, seen, closed, path } = await connect();
    connection.send({ n: 1 });
    connection.close(4400, "enough");
    connection.send({ n: 2 });
    expect(await closed).toBe("4400 enough");
    expect(seen).toEqual([1]);
    expect(path.traffic.framesSent).toBe(1);
  });
});

describe("frames that are sent soon", () => {
  test("leave together after 25 ms, in one write", async () => {
    const { connection, socket, seen, path } = await connect();
    const uncork = vi.spyOn(socket, "uncork");
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    for (const n of [1, 2, 3]) {
      connection.sendSoon({ n });
      await nextTurn();
    }
    vi.advanceTimersByTime(24);
    expect(uncork).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(uncork).toHaveBeenCalledOnce();
    vi.useRealTimers();
    await vi.waitFor(() => expect(seen).toEqual([1, 2, 3]));
    expect(path.traffic.framesSent).toBe(3);
  });

  test("leave with what is sent behind them, at the end of its turn, and before it", async () => {
    const { connection, seen, write } = await connect();
    connection.sendSoon({ n: 1 });
    connection.send({ n: 2 });
    connection.sendSoon({ n: 3 });
    await nextTurn();
    expect(write).toHaveBeenCalledTimes(3);
    connection.send({ n: 4 });
    await vi.waitFor(() => expect(seen).toEqual([1, 2, 3, 4]));
  });

  test("leave before a ping, and those behind a flush within their time", async () => {
    const { connection, seen } = await connect();
    connection.sendSoon({ n: 1 });
    connection.ping();
    connection.sendSoon({ n: 2 });
    await vi.waitFor(() => expect(seen).toEqual([1, "ping", 2]));
  });

  test("leave at once where they are more than 64 KiB", async () => {
    const { connection, write } = await connect();
    const text = encodeFrame({ n: 0, rest: "x".repeat(40_000) });
    connection.sendSoon(text);
    expect(write).not.toHaveBeenCalled();
    connection.sendSoon(text);
    expect(write).toHaveBeenCalledTimes(2);
  });

  test("leave before a close frame", async () => {
    const { connection, seen, closed } = await connect();
    connection.sendSoon({ n: 1 });
    connection.close(4400, "enough");
    connection.sendSoon({ n: 2 });
    expect(await closed).toBe("4400 enough");
    expect(seen).toEqual([1]);
  });

  test("count as unsent", async () => {
    const { connection, closed } = await connect();
    const text = encodeFrame({ n: 0, rest: "x".repeat(64 * 1024) });
    for (let n = 0; n < 20; n++) connection.sendSoon(text);
    expect(await closed).toBe("1013 SLOW_CONSUMER");
  });
});

describe("nothing is written", () => {
  test("after a close frame that the library sent", async () => {
    const { connection, webSocket, seen, closed, write } = await connect();
    connection.send({ n: 1 });
    webSocket.close(1000);
    const calls = write.mock.calls.length;
    await nextTurn();
    expect(write).toHaveBeenCalledTimes(calls);
    expect(await closed).toBe("1000 ");
    expect(seen).toEqual([]);
  });

  test("to a socket that was destroyed meanwhile, and nothing throws", async () => {
    const { connection, webSocket, client, socket, write, path } = await connect();
    client.on("error", () => {});
    connection.send({ n: 1 });
    webSocket.terminate();
    await nextTurn();
    expect(write).not.toHaveBeenCalled();
    const other = await connect();
    other.client.on("error", () => {});
    other.connection.send({ n: 1 });
    other.socket.destroy(new Error("reset"));
    await vi.waitFor(() => expect(other.path.closed).toHaveBeenCalled());
    await vi.waitFor(() => expect(path.closed).toHaveBeenCalled());
    expect(socket.destroyed).toBe(true);
  });
});

test("a socket with more than 1 MiB unsent is closed, also where all of it came in one turn", async () => {
  const { connection, path, seen, closed } = await connect();
  const text = encodeFrame({ n: 0, rest: "x".repeat(64 * 1024) });
  const fitting = Math.floor((1024 * 1024) / text.bytes.length) + 1;
  for (let n = 0; n < fitting; n++) connection.send(text);
  expect(connection.isOpen).toBe(true);
  connection.send(text);
  expect(connection.isOpen).toBe(false);
  expect(path.traffic.closed).toHaveBeenCalledExactlyOnceWith(1013);
  expect(await closed).toBe("1013 SLOW_CONSUMER");
  expect(seen).toHaveLength(fitting);
});
