import { expect, test } from "vitest";
import { EncodedFrame, encodeFrame } from "./encoded-frame.ts";

test.each([
  [0, "8100"],
  [1, "8101"],
  [125, "817d"],
  [126, "817e007e"],
  [65_535, "817effff"],
  [65_536, "817f0000000000010000"],
])("%i bytes of text have their length in the header", (length, header) => {
  const { bytes } = EncodedFrame.ofText("x".repeat(length));
  expect(bytes.toString("hex", 0, header.length / 2)).toBe(header);
  expect(bytes.length).toBe(header.length / 2 + length);
  expect(bytes.toString("latin1", header.length / 2)).toBe("x".repeat(length));
});

test("the length is that of the bytes, and the text is there to read", () => {
  const frame = encodeFrame({ type: "typing", text: "é".repeat(60) });
  expect(frame.bytes.subarray(0, 4).toString("hex")).toBe("817e0093");
  expect(JSON.parse(String(frame))).toEqual({ type: "typing", text: "é".repeat(60) });
});

test.each([1, 200])("a copy differs only in the bytes that were to be others, with %i more", (rest) => {
  const frame = encodeFrame({ id: "aaaa", rest: "é".repeat(rest) });
  const copy = frame.withBytes('{"id":"'.length, Buffer.from("__bbbb__"), 2, 6);
  expect(JSON.parse(String(copy))).toEqual({ id: "bbbb", rest: "é".repeat(rest) });
  expect(copy.bytes.length).toBe(frame.bytes.length);
  expect(JSON.parse(String(frame))).toEqual({ id: "aaaa", rest: "é".repeat(rest) });
});
