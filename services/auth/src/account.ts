import { type FieldError, invalidInput } from "@gochat/contracts/errors";
import { isObject } from "@gochat/runtime/json-shape";

/** Names that would let a person pass for the installation or its staff. */
const reservedUsernames: ReadonlySet<string> = new Set([
  "admin",
  "administrator",
  "anonymous",
  "api",
  "everyone",
  "gochat",
  "guest",
  "help",
  "helpdesk",
  "hostmaster",
  "mail",
  "mod",
  "moderator",
  "nobody",
  "no-reply",
  "noreply",
  "null",
  "official",
  "operator",
  "owner",
  "postmaster",
  "root",
  "security",
  "service",
  "staff",
  "superuser",
  "support",
  "system",
  "undefined",
  "webmaster",
]);

/** Folds e-mail and username to lower case, before the schema sees them. Takes and returns any JSON value. */
export function foldNames(body: unknown): unknown {
  if (!isObject(body)) return body;
  const folded = { ...body };
  for (const field of ["email", "username"]) {
    const value = folded[field];
    if (typeof value === "string") folded[field] = value.toLowerCase();
  }
  return folded;
}

/** What the schema cannot say of a username. */
export function usernameErrors(username: string): FieldError[] {
  if (!reservedUsernames.has(username)) return [];
  return [{ path: "/username", message: "is reserved; choose another" }];
}

interface NewPassword {
  readonly password: string;
  /** Where the password stands in the input, as a JSON pointer. */
  readonly path: string;
  readonly username: string;
  readonly email: string;
  readonly isCommon: (foldedPassword: string) => boolean;
}

/** What the schema cannot say of a password. Case is no protection, so it is compared folded. */
export function passwordErrors({ password, path, username, email, isCommon }: NewPassword): FieldError[] {
  const folded = password.toLowerCase();
  if (folded === username || folded === email) {
    return [{ path, message: "must not be the username or the e-mail" }];
  }
  if (isCommon(folded)) return [{ path, message: "is one of the most common ones" }];
  return [];
}

/** Throws INVALID_INPUT where there is something to say. */
export function refuseIfAny(fields: readonly FieldError[]): void {
  if (fields.length === 0) return;
  throw invalidInput(...fields);
}
