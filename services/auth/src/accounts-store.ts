import type { Queryable } from "@gochat/database/database";

export interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly username: string;
  readonly passwordHash: string;
}

const columns = `id, email, username, password_hash AS "passwordHash"`;

export async function isTaken(database: Queryable, email: string, username: string): Promise<boolean> {
  const rows = await database.query("SELECT 1 FROM accounts WHERE email = $1 OR username = $2 LIMIT 1", [
    email,
    username,
  ]);
  return rows.length > 0;
}

/** False where the e-mail or the username was taken in the meantime. */
export async function insertAccount(
  connection: Queryable,
  account: AccountRow & { readonly createdAt: Date },
): Promise<boolean> {
  const { id, email, username, passwordHash, createdAt } = account;
  const rows = await connection.query(
    `INSERT INTO accounts (id, email, username, password_hash, created_at, password_changed_at)
     VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING RETURNING id`,
    [id, email, username, passwordHash, createdAt],
  );
  return rows.length === 1;
}

export async function findAccountByEmail(
  database: Queryable,
  email: string,
): Promise<AccountRow | undefined> {
  const [row] = await database.query<AccountRow>(`SELECT ${columns} FROM accounts WHERE email = $1`, [email]);
  return row;
}

/** The account of a live session: undefined once either is gone. */
export async function findAccountOfSession(
  database: Queryable,
  sessionId: string,
): Promise<AccountRow | undefined> {
  const [row] = await database.query<AccountRow>(
    `SELECT ${columns} FROM accounts
     WHERE id = (SELECT user_id FROM sessions WHERE id = $1 AND ended_at IS NULL)`,
    [sessionId],
  );
  return row;
}

/**
 * Locks the account until the transaction ends; false where its password is no longer the one that was checked.
 * So a password that changes while somebody signs in with the old one leaves no session behind.
 */
export async function lockAccount(
  connection: Queryable,
  id: string,
  checkedPasswordHash: string,
): Promise<boolean> {
  const rows = await connection.query(
    "SELECT 1 FROM accounts WHERE id = $1 AND password_hash = $2 FOR NO KEY UPDATE",
    [id, checkedPasswordHash],
  );
  return rows.length === 1;
}

export async function updatePassword(
  connection: Queryable,
  id: string,
  passwordHash: string,
  now: Date,
): Promise<void> {
  await connection.query("UPDATE accounts SET password_hash = $2, password_changed_at = $3 WHERE id = $1", [
    id,
    passwordHash,
    now,
  ]);
}

/** Of an account, what everybody may know. */
export type ListedRow = { readonly id: string; readonly username: string; readonly createdAt: Date };

const listed = `id, username, created_at AS "createdAt"`;

/** The newest accounts that were made since. */
export function listNewAccounts(database: Queryable, since: Date, limit: number): Promise<ListedRow[]> {
  return database.query<ListedRow>(
    `SELECT ${listed} FROM accounts WHERE created_at >= $1 ORDER BY created_at DESC LIMIT $2`,
    [since, limit],
  );
}

/** The next accounts in the order of their ids. */
export function listAccountsAfter(database: Queryable, id: string, limit: number): Promise<ListedRow[]> {
  return database.query<ListedRow>(`SELECT ${listed} FROM accounts WHERE id > $1 ORDER BY id LIMIT $2`, [
    id,
    limit,
  ]);
}
