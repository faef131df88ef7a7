import pg from "pg";
import { StartError } from "./start-error.ts";

/**
 * Makes the schema if it is not there, and returns the role that owns it: one of the schema's name where this user may
 * make roles or was granted it, so that services which share a user can't reach each other's tables; else the user
 * itself, as where each service has a database and a user of its own.
 */
export async function makeSchema(client: pg.Client, schema: string): Promise<string> {
  try {
    const { rows } = await client.query<Surroundings>(
      `SELECT current_user AS "user",
              (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = $1) AS owner,
              (SELECT pg_has_role(current_user, nspowner, 'MEMBER') FROM pg_namespace WHERE nspname = $1) AS "isOurs",
              (SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = $1) AS "isGranted",
              (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user) AS "mayMakeRoles"`,
      [schema],
    );
    const { user, owner, isOurs, isGranted, mayMakeRoles } = rows[0]!;
    if (owner !== null) return isOurs ? owner : refuseForeign(schema, owner, user);
    if (!isGranted && mayMakeRoles) await createRole(client, schema);
    const newOwner = isGranted || mayMakeRoles ? schema : user;
    await client.query(`CREATE SCHEMA ${schema} AUTHORIZATION ${client.escapeIdentifier(newOwner)}`);
    return newOwner;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== "42501") throw error;
    throw new StartError(
      `The user ${client.user} in DATABASE_URL may not make the schema ${schema} (${error.message}). ` +
        `Give it a database of its own, or CREATE on this one; or make the schema yourself: ` +
        `CREATE SCHEMA ${schema} AUTHORIZATION ${client.user};`,
      { cause: error },
    );
  }
}

interface Surroundings {
  readonly user: string;
  /** Of the schema; null where there is none. */
  readonly owner: string | null;
  readonly isOurs: boolean | null;
  /** The role of the schema's name; null where there is none. */
  readonly isGranted: boolean | null;
  readonly mayMakeRoles: boolean;
}

function refuseForeign(schema: string, owner: string, user: string): never {
  throw new StartError(
    `The schema ${schema} belongs to ${owner}, and the user ${user} in DATABASE_URL is none of it. ` +
      `Give the user that made it, or GRANT ${owner} TO ${user};`,
  );
}

/** Roles belong to the whole cluster, the lock to one database: another database may be making the same one. */
async function createRole(client: pg.Client, role: string): Promise<void> {
  try {
    await client.query(`CREATE ROLE ${role} NOLOGIN`);
  } catch (error) {
    const { code } = error as pg.DatabaseError;
    if (code !== "42710" && code !== "23505") throw error;
  }
  await client.query(`GRANT ${role} TO CURRENT_USER`);
}
