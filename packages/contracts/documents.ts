import type { TSchema } from "typebox";
import { errors } from "./errors.ts";
import { Account, Session } from "./http/auth.ts";
import { Change, Conversation, Member, Message } from "./http/conversations.ts";
import { Notification } from "./http/notifications.ts";
import { Problem } from "./http/problem.ts";
import { Person } from "./http/users.ts";
import { uuidPattern } from "./uuid.ts";

/** What OpenAPI and AsyncAPI documents have in common: plain JSON, with names for the schemas that recur. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** The version of the public protocol: it grows, and renames or drops nothing. */
export const protocolVersion = "1.0.0";

const named: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    Account,
    Session,
    Person,
    Member,
    Message,
    Change,
    Conversation,
    Notification,
    Problem,
  }).map(([name, schema]) => [schema, name]),
);

const errorCodes = Object.keys(errors);

/** The schema as a document shows it: a reference where it has a name, an enumeration for a union of words. */
export function describeSchema(schema: TSchema): Json {
  const name = named.get(schema);
  return name ? { $ref: `#/components/schemas/${name}` } : describeParts(schema);
}

/** `components.schemas` of a document. */
export function namedSchemas(): JsonObject {
  const rows = Object.entries(errors).map(([code, error]) => {
    return `| ${code} | ${error.title} | ${error.status} | ${"closeCode" in error ? error.closeCode : ""} | ${error.retry} |`;
  });
  const description = ["| code | what | status | close code | retry |", "|---|---|---|---|---|", ...rows];
  return {
    ...Object.fromEntries([...named].map(([schema, name]) => [name, describeParts(schema)])),
    ErrorCode: { type: "string", enum: errorCodes, description: description.join("\n") },
  };
}

function describeParts(value: unknown): Json {
  if (Array.isArray(value)) return value.map(describe);
  if (typeof value !== "object" || value === null) return value as Json;
  const words = unionOfWords(value);
  if (words?.join() === errorCodes.join()) return { $ref: "#/components/schemas/ErrorCode" };
  if (words) return { type: "string", enum: words };
  const parts = Object.entries(value).map(([key, part]) => [key, describe(part)]);
  // What is checked faster than by a pattern has one for those who read the document.
  if ("format" in value && value.format === "uuid") parts.push(["pattern", uuidPattern]);
  return Object.fromEntries(parts);
}

const describe = (value: unknown): Json => describeSchema(value as TSchema);

function unionOfWords(value: object): string[] | undefined {
  if (!("anyOf" in value) || !Array.isArray(value.anyOf)) return undefined;
  const words = value.anyOf.map((option: { const?: unknown }) => option.const);
  return words.every((word) => typeof word === "string") ? words : undefined;
}
