import { invalidInput } from "@gochat/contracts/errors";
import { isUuid } from "@gochat/contracts/uuid";

/** Where a page ended: the keys by which entries are sorted. */
export interface Position {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly id: string;
}

/** The last millisecond that PostgreSQL and RFC 3339 both can name. */
const lastTime = Date.UTC(9999, 11, 31);

export function encodeCursor({ time, id }: Position): string {
  return Buffer.from(`${time} ${id}`).toString("base64url");
}

/** Throws INVALID_INPUT for what `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Position {
  const [digits = "", id = "", ...more] = Buffer.from(cursor, "base64url").toString().split(" ");
  const time = Number(digits);
  if (!/^\d{1,15}$/.test(digits) || time > lastTime || !isUuid(id) || more.length > 0) {
    throw invalidInput({ path: "/cursor", message: "is not one that a page gave" });
  }
  return { time, id };
}
