import { Type } from "typebox";
import { type ErrorCode, errors } from "./errors.ts";

/** One of the codes of the registry, as frames and events carry it. */
export const ErrorCodeName = Type.Unsafe<ErrorCode>(
  Type.Union(Object.keys(errors).map((code) => Type.Literal(code))),
);
