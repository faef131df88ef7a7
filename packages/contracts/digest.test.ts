import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { extendDigest, firstDigest, fromBase64, toBase64 } from "./digest.ts";

const conversationId = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const message = {
  seq: 258,
  senderId: "11111111-2222-4333-8444-555555555555",
  id: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
  body: "Grüße, 你好 👋",
};
const sha256 = (...parts: (Buffer | string)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const bytes = (hex: string) => Buffer.from(hex.replaceAll("-", ""), "hex");

test("the chain begins with the hash of the conversation's id", () => {
  expect(Buffer.from(firstDigest(conversationId))).toEqual(sha256(bytes(conversationId)));
});

test("a message extends it by its position, sender and id and the hash of its body", () => {
  const before = firstDigest(conversationId);
  const expected = sha256(
    Buffer.from(before),
    bytes("0000000000000102"),
    bytes(message.senderId),
    bytes(message.id),
    sha256(message.body),
  );
  expect(Buffer.from(extendDigest(before, message))).toEqual(expected);
});

test.each([
  ["seq", { seq: 259 }],
  ["sender", { senderId: message.id }],
  ["id", { id: message.senderId }],
  ["body", { body: `${message.body} ` }],
])("another %s is another digest", (_field, change) => {
  const before = firstDigest(conversationId);
  expect(extendDigest(before, { ...message, ...change })).not.toEqual(extendDigest(before, message));
});

test("in a message it stands in base64", () => {
  const digest = firstDigest(conversationId);
  expect(toBase64(digest)).toBe(Buffer.from(digest).toString("base64"));
  expect(fromBase64(toBase64(digest))).toEqual(digest);
});
