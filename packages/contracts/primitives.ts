import { Type } from "typebox";
import { Format } from "typebox/format";
import { isUuid, uuidPattern } from "./uuid.ts";

// The library's own takes upper case too.
Format.Set("uuid", isUuid);

/** A lower-case UUID of any version. */
export const Uuid = Type.String({ format: "uuid", description: "must be a lower-case UUID" });

/** RFC 3339, UTC, milliseconds: what `Date.prototype.toISOString` prints. */
export const Time = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$" });

/** A position in a conversation's log: 1, 2, 3, … */
export const Seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** A position that may also be "before the first message". */
export const SeqOrZero = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** The hash chain of a conversation up to a message, in base64; digest.ts has the rule. */
export const Digest = Type.String({
  minLength: 44,
  maxLength: 44,
  description:
    "SHA-256 in base64, of the digest before it and this message: a hash chain of the conversation",
});

/** Positions by conversation. Closed: a key that does not fit would take any value. */
export const Heads = Type.Record(Type.String({ pattern: uuidPattern }), SeqOrZero, {
  additionalProperties: false,
});

/** 3–32 of `a-z 0-9 _ . -`, starting and ending with a letter or digit; already folded to lower case. */
export const usernamePattern = "^[a-z0-9][a-z0-9_.-]{1,30}[a-z0-9]$";
export const Username = Type.String({
  pattern: usernamePattern,
  description: "must be 3 to 32 of a-z, 0-9, _ . and -, and begin and end with a letter or digit",
});

/** W3C Trace Context: by which step something came about. Only where the trace is kept. */
export const Traceparent = Type.String({ pattern: "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$" });

/** Refuses fields that the schema does not name: unknown fields in a body are an error. */
export const closed = { additionalProperties: false } as const;
