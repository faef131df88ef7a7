import { invalidInput } from "@gochat/contracts/errors";
import { uuidPattern } from "@gochat/contracts/uuid";
import type { ListPosition } from "./conversation-store.ts";

/** Sixteen digits of microseconds reach the year 2286, and PostgreSQL reads each of them as a time. */
const shape = new RegExp(`^(\\d{1,16}) (${uuidPattern.slice(1, -1)})$`);

/** The opaque text that leads to the page behind this conversation. */
export function encodeCursor({ activity, id }: ListPosition): string {
  return Buffer.from(`${activity} ${id}`).toString("base64url");
}

/** Throws INVALID_INPUT for a cursor that no page gave. */
export function decodeCursor(cursor: string | undefined): ListPosition | undefined {
  if (cursor === undefined) return undefined;
  const [, activity, id] = shape.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (activity === undefined || id === undefined) {
    throw invalidInput({ path: "/cursor", message: "is not one that a page gave" });
  }
  return { activity, id };
}
