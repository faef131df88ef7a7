import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { load } from "../../test/windows.ts";
import { SocketStates } from "../socket-states.ts";
import { createUnreadRefusal } from "./refuse-unread.ts";

let now = 0;
const sent: unknown[] = [];
const connect = (id: string) =>
  ({
    id,
    identity: { userId: "ana" },
    sendSoon: (frame: object) => sent.push(JSON.parse(String(frame))),
  }) as never;
const connection = connect("1");
let states: SocketStates;
const refused: string[] = [];
let refuseUnread: ReturnType<typeof createUnreadRefusal>;
const refuse = (text: string) => refuseUnread(connection, Buffer.from(text));
const frame = (id: string) => JSON.stringify({ type: "message.send", id, to: randomUUID(), body: "hallo" });

beforeEach(() => {
  now = 0;
  sent.length = 0;
  refused.length = 0;
  states = new SocketStates(load({ isFull: () => true }), 1);
  const measures = { refused: (code: string) => refused.push(code) };
  refuseUnread = createUnreadRefusal({ clock: () => now, states, measures } as never);
});

/** Has the sender send so many new ones that it keeps no order. It could send again after 350 ms. */
function loseOrder(): void {
  const { window } = states.of(connection);
  for (let count = 0; count < 100; count++) window.admit(randomUUID(), "ab", "ana", now);
}

test("a socket that has sent nothing is read", () => {
  expect(refuse(frame(randomUUID()))).toBeUndefined();
});

test("each message of a sender that keeps no order is refused by its id, counted, and named by its type", () => {
  loseOrder();
  const ids = [randomUUID(), randomUUID(), randomUUID()];
  for (const id of ids) {
    expect(refuse(frame(id))).toBe("message.send");
    now += 5;
  }
  const answer = { type: "message.rejected", code: "BUSY", detail: "Too busy right now." };
  expect(sent).toEqual(ids.map((id, index) => ({ ...answer, id, retryAfterMs: 350 - 5 * index })));
  expect(refused).toEqual(["BUSY", "BUSY", "BUSY"]);
});

test("two senders by turns are told what each of them was told", () => {
  const bucket = { take: () => 5 } as never;
  const limited = new SocketStates(load({ buckets: bucket }), 1).of(connect("2")).window;
  for (let count = 0; count < 100; count++) limited.admit(randomUUID(), "ab", "ana", now);
  loseOrder();
  const refusals = { "1": states.of(connection).window, "2": limited };
  refuseUnread = createUnreadRefusal({
    clock: () => now,
    states: { get: (id: "1" | "2") => ({ window: refusals[id] }) },
    measures: { refused: () => {} },
  } as never);
  now = 100;
  for (const id of ["1", "2", "1"]) refuseUnread(connect(id), Buffer.from(frame(randomUUID())));
  expect(sent).toMatchObject([
    { code: "BUSY", retryAfterMs: 250 },
    { code: "RATE_LIMITED", retryAfterMs: 900 },
    { code: "BUSY", retryAfterMs: 250 },
  ]);
});

test("a message is read again once its sender could send", () => {
  loseOrder();
  now = 350;
  expect(refuse(frame(randomUUID()))).toBeUndefined();
});

test.each([
  ["another frame", JSON.stringify({ type: "typing", conversationId: "x" })],
  ["a message that begins otherwise", JSON.stringify({ id: randomUUID(), type: "message.send" })],
  ["an id that is none", frame("x".repeat(36))],
  ["an id that does not end", '{"type":"message.send","id":"'],
  ["an id that is longer", frame(`${randomUUID()}0`)],
  ["what ends before its id does", frame(randomUUID()).slice(0, 50)],
  ["nothing", ""],
  ["an id in upper case", frame(randomUUID().toUpperCase())],
])("%s is read, whoever sent it", (_what, text) => {
  loseOrder();
  expect(refuse(text)).toBeUndefined();
  expect(sent).toEqual([]);
});
