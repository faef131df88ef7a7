import { invalidInput } from "@gochat/contracts/errors";
import { isUuid } from "@gochat/contracts/uuid";
import { isObject } from "@gochat/runtime/json-shape";

/** One page of the directory, completely said. */
export interface DirectoryQuery {
  readonly sort: "status" | "username";
  readonly direction: "asc" | "desc";
  /** A prefix of usernames, folded to lower case. */
  readonly prefix: string;
  readonly limit: number;
  /** The last person of the page before; undefined for the first page. */
  readonly after: Position | undefined;
}

/** Where somebody stands in the order. */
export interface Position {
  readonly online: boolean;
  readonly username: string;
  readonly id: string;
}

interface Asked {
  readonly sort?: "status" | "username";
  readonly direction?: "asc" | "desc";
  readonly q?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

const defaultLimit = 20;

/** Fills in the defaults and reads the cursor. Throws INVALID_INPUT for a cursor that is not of this query. */
export function readDirectoryQuery(asked: Asked): DirectoryQuery {
  const { sort = "status", q = "", limit = defaultLimit, cursor } = asked;
  const direction = asked.direction ?? (sort === "status" ? "desc" : "asc");
  const query = { sort, direction, prefix: q.toLowerCase(), limit };
  return { ...query, after: cursor === undefined ? undefined : readCursor(cursor, query) };
}

type Order = Pick<DirectoryQuery, "sort" | "direction" | "prefix">;

/** Keyset pagination: the cursor holds the last position, and the order it is a position in. */
export function writeCursor({ sort, direction, prefix }: Order, { online, username, id }: Position): string {
  const content = { s: sort, d: direction, q: prefix, o: online, u: username, i: id };
  return Buffer.from(JSON.stringify(content)).toString("base64url");
}

const usernameText = /^[a-z0-9_.-]{1,64}$/;

function readCursor(cursor: string, { sort, direction, prefix }: Order): Position {
  const content = parse(cursor);
  const { s, d, q, o, u, i, ...others } = isObject(content) ? content : {};
  const isOfThisQuery = s === sort && d === direction && q === prefix && Object.keys(others).length === 0;
  if (
    isOfThisQuery &&
    typeof o === "boolean" &&
    typeof u === "string" &&
    usernameText.test(u) &&
    typeof i === "string" &&
    isUuid(i)
  ) {
    return { online: o, username: u, id: i };
  }
  throw invalidInput({ path: "/cursor", message: "is not one that a page of this list gave" });
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Whether any username can begin so: all of them are made of these characters. */
export function canBePrefix(prefix: string): boolean {
  return /^[a-z0-9_.-]{0,32}$/.test(prefix);
}
