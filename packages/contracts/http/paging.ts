import { Type } from "typebox";

/** `limit` of a list: 1 … maximum. */
export const Limit = (maximum: number, otherwise: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum, default: otherwise }));

/** An opaque keyset cursor: what `nextCursor` of the page before said. */
export const Cursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 512, pattern: "^[A-Za-z0-9_-]+$" }),
);

export const NextCursor = Type.Union([Type.String(), Type.Null()]);
