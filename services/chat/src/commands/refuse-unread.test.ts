import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { load } from "../../test/windows.ts";
import { SocketStates } from "../socket-states.ts";
import { refuseUnread } from "./refuse-unread.ts";

const now = 0;
const sent: object[] = [];
const connection = {
  id: "1",
  identity: { userId: "ana" },
  send: (frame: object) => sent.push(frame),
} as never;
const states = new SocketStates(load({ isFull: () => true }), 1);
const refused: string[] = [];
const parts = {
  clock: () => now,
  states,
  measures: { refused: (code: string) => refused.push(code) },
} as never;
const refuse = (text: string) => refuseUnread(parts, connection, Buffer.from(text));
const frame = (id: string) => JSON.stringify({ type: "message.send", id, to: randomUUID(), body: "hallo" });

beforeEach(() => {
  sent.length = 0;
  refused.length = 0;
});

test("a socket that has sent nothing is read", () => {
  expect(refuse(frame(randomUUID()))).toBeUndefined();
});

test("a message of a sender that keeps no order is refused by its id, counted, and named by its type", () => {
  const { window } = states.of(connection);
  for (let count = 0; count < 100; count++) window.admit(randomUUID(), "ab", "ana", now);
  const id = randomUUID();
  expect(refuse(frame(id))).toBe("message.send");
  const detail = "Too busy right now.";
  expect(sent).toEqual([{ type: "message.rejected", id, code: "BUSY", detail, retryAfterMs: 350 }]);
  expect(refused).toEqual(["BUSY"]);
});

test.each([
  ["another frame", JSON.stringify({ type: "typing", conversationId: "x" })],
  ["a message that begins otherwise", JSON.stringify({ id: randomUUID(), type: "message.send" })],
  ["an id that is none", frame("x".repeat(36))],
  ["an id that does not end", '{"type":"message.send","id":"'],
  ["an id that is longer", frame(`${randomUUID()}0`)],
])("%s is read", (_what, text) => {
  expect(refuse(text)).toBeUndefined();
  expect(sent).toEqual([]);
});
