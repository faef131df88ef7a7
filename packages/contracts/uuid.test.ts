import fc from "fast-check";
import { expect, test } from "vitest";
import { isUuid, isUuidAt, uuidBytes, uuidPattern } from "./uuid.ts";

const id = "0f8e7d6c-5b4a-4938-a7b6-c5d4e3f2a1b0";
const pattern = new RegExp(uuidPattern);

test("takes what the pattern takes, and nothing else", () => {
  const nearly = fc
    .tuple(fc.nat(id.length - 1), fc.string({ unit: "binary", minLength: 1, maxLength: 2 }))
    .map(([at, text]) => id.slice(0, at) + text + id.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(fc.uuid(), nearly, fc.string()), (text) => {
      expect(isUuid(text)).toBe(pattern.test(text));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["upper case", id.toUpperCase()],
  ["a digit for a dash", id.replace("-", "0")],
  ["a dash for a digit", `-${id.slice(1)}`],
  ["one character less", id.slice(1)],
  ["one character more", `${id}0`],
  ["a character of two bytes at the end, behind a good id", `${id.slice(0, -1)}é`],
  ["a character whose low byte is a digit", `\u0130${id.slice(1)}`],
  ["no dashes", id.replaceAll("-", "")],
])("refuses %s", (_what, text) => {
  expect(isUuid(id)).toBe(true);
  expect(isUuid(text)).toBe(false);
});

test("is found where it begins in other bytes, and only there", () => {
  const text = Buffer.from(`"${id}"`);
  const places = Array.from(text.keys()).filter((start) => isUuidAt(text, start));
  expect(places).toEqual([1]);
  expect(isUuidAt(text.subarray(0, id.length), 1)).toBe(false);
});

test("its bytes are those of its digits", () => {
  fc.assert(
    fc.property(fc.array(fc.uuid()), (uuids) => {
      const digits = uuids.map((uuid) => uuid.replaceAll("-", "")).join("");
      expect(Buffer.from(uuidBytes(uuids)).toString("hex")).toBe(digits);
    }),
  );
});

test.each([
  id.toUpperCase(),
  id.slice(1),
  `${id}0`,
  id.replaceAll("-", ""),
  id.replace("-", "x"),
  id.replaceAll("-", "0"),
  `${id.slice(0, -1)}g`,
  `${id.slice(0, -1)}é`,
])("no bytes of %s", (text) => {
  expect(() => uuidBytes([id, text])).toThrow(TypeError);
  expect(() => uuidBytes([text, id])).toThrow(TypeError);
});

test("no bytes of two that are only together as long as two", () => {
  expect(() => uuidBytes([id.slice(0, -1), `0${id}`])).toThrow(TypeError);
});
