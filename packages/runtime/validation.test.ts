import { GoChatError } from "@gochat/contracts/errors";
import { type TSchema, Type } from "typebox";
import { expect, test } from "vitest";
import { createValidator } from "./validation.ts";

const closed = { additionalProperties: false } as const;
const Choice = Type.Union(
  [Type.Object({ ids: Type.Array(Type.String()) }, closed), Type.Object({ all: Type.Literal(true) }, closed)],
  { description: "must have either ids or all" },
);

function errorsOf(schema: TSchema, value: unknown): unknown {
  try {
    createValidator(schema)(value);
  } catch (error) {
    expect(error).toBeInstanceOf(GoChatError);
    return (error as GoChatError).fields;
  }
  return undefined;
}

test.each([
  {},
  5,
  null,
  { ids: "a" },
  { ids: Array(30).fill(1) },
  { all: false },
  { ids: [], all: true },
  { some: 1 },
])("a union that describes itself answers %j in its one sentence", (value) => {
  expect(errorsOf(Choice, value)).toEqual([{ path: "", message: "must have either ids or all" }]);
});

test("at its own place, wherever it stands", () => {
  const schema = Type.Object({ items: Type.Array(Type.Object({ choice: Choice })), name: Type.String() });
  expect(errorsOf(schema, { items: [{ choice: { all: true } }, { choice: { ids: [1] } }], name: 1 })).toEqual(
    expect.arrayContaining([
      { path: "/items/1/choice", message: "must have either ids or all" },
      { path: "/name", message: "must be string" },
    ]),
  );
});

test("a union without a sentence says what its branches miss", () => {
  const schema = Type.Object({ sort: Type.Union([Type.Literal("a"), Type.Literal("b")]) });
  expect(errorsOf(schema, { sort: "c" })).toEqual([
    { path: "/sort", message: "is not one of the values allowed here" },
  ]);
});
