import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { lifetimes } from "@gochat/contracts/limits";
import { importJWK, SignJWT } from "jose";
import type { Seat } from "../load/plan.ts";
import type { Target } from "../target.ts";
import { fillBySql } from "./sql.ts";

/** Somebody who is signed in. */
export interface FilledPerson {
  readonly id: string;
  readonly username: string;
  readonly cookie: string;
}

/**
 * Signed-in people by the thousand, straight into the tables and with access tokens signed by the installation's own
 * key: through the front door, each would take a hash of a password. Nobody can sign in as one of them.
 */
export async function fillPeople(target: Target, count: number, prefix = "filled"): Promise<FilledPerson[]> {
  const { signing } = JSON.parse(readFileSync(target.keysFile, "utf8"));
  const key = await importJWK(signing, "EdDSA");
  const people = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const person = { id: randomUUID(), username: `${prefix}${index + 1}` };
      const token = await new SignJWT({ sid: randomUUID(), username: person.username })
        .setProtectedHeader({ alg: "EdDSA", kid: signing.kid })
        .setSubject(person.id)
        .setIssuedAt()
        .setExpirationTime(`${lifetimes.accessToken}s`)
        .sign(key);
      return { ...person, cookie: `auth=${token}` };
    }),
  );
  const columns = [people.map(({ id }) => id), people.map(({ username }) => username)];
  const from = "FROM unnest($1::uuid[], $2::text[]) AS person (id, username)";
  await fillBySql(target, "users", [
    [`INSERT INTO people (id, username, registered_at) SELECT id, username, now() ${from}`, columns],
    ["ANALYZE people"],
  ]);
  await fillBySql(target, "messages", [
    [`INSERT INTO people (id, username) SELECT id, username ${from}`, columns],
    ["ANALYZE people"],
  ]);
  // The last of the three: auth repeats its registrations to the others, who then know them.
  await fillBySql(target, "auth", [
    [
      `INSERT INTO accounts (id, email, username, password_hash, created_at, password_changed_at)
       SELECT id, username || '@example.org', username, '', now(), now() ${from}`,
      columns,
    ],
  ]);
  return people;
}

export function seatOf({ url }: Pick<Target, "url">, { id, cookie }: FilledPerson, path = "/ws/chat"): Seat {
  return { userId: id, url: `${url.replace("http", "ws")}${path}`, headers: { cookie, origin: url } };
}
