import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { checkServerFrame } from "./server-frames.ts";
import type { Frame } from "./sockets.ts";

const id = randomUUID();
const message = {
  conversationId: id,
  seq: 1,
  id,
  senderId: id,
  body: "hello",
  digest: `${"A".repeat(43)}=`,
  createdAt: "2026-01-01T00:00:00.000Z",
};
const stored = { type: "message.stored", conversationId: id, seq: 1, message };

test("a frame of the contract passes, on its own socket only", () => {
  checkServerFrame("/ws/chat", stored);
  expect(() => checkServerFrame("/ws/notifications", stored)).toThrow("does not know");
});

test.each<[string, Frame]>([
  ["a type that is not there", { type: "message.guessed" }],
  ["a field too much", { ...stored, socket: "7" }],
  ["a field too much inside", { ...stored, message: { ...message, storedBy: "7" } }],
  ["a field too few", { type: "message.stored", conversationId: id, seq: 1 }],
  ["a value of another kind", { ...stored, seq: "1" }],
])("%s fails", (_name, frame) => {
  expect(() => checkServerFrame("/ws/chat", frame)).toThrow("does not know");
});
