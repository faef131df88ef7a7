import type { QueryResultRow } from "pg";

/** One service's own database (or schema and role): the only SQL of a service is in its store.ts, through this. */
export interface Database extends AsyncDisposable {
  /** One statement on any connection of the pool. Rejects with the driver's `DatabaseError`. */
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** One READ COMMITTED transaction on one connection: committed when `work` resolves, rolled back when it throws. */
  transaction<Result>(work: (connection: Queryable) => Promise<Result>): Promise<Result>;
  /** Resolves if the database answers; rejects within 2 s otherwise. For `/readyz`. */
  ping(): Promise<void>;
  /** How its pool stands now; for `/metrics`. */
  stats(): PoolStats;
}

export interface PoolStats {
  /** Connections that are open, and how many may be. */
  readonly open: number;
  readonly max: number;
  /** Of those open, the ones that nobody uses. */
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
}

export interface Queryable {
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** Where databases come from: embedded PostgreSQL, or one given by URL. */
export interface DatabaseServer extends AsyncDisposable {
  /** What is printed at start, without a password: "embedded PostgreSQL 18.4 in ./data". */
  readonly description: string;
  /**
   * The database of one service: its schema and role are made if they are not there, its SQL migrations
   * (`migrations/001-….sql`) are run, then a pool is opened. Safe to call from two processes at once.
   */
  open(service: string, migrations: URL): Promise<Database>;
}

/**
 * Whether an error of the driver says "try again later" (connection, serialization, deadlock, timeout, disk full,
 * shutting down) rather than "this will never work". Looks through `cause` and into an AggregateError.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isTransient)) return true;
  const { code, severity, syscall } = error as { code?: unknown; severity?: unknown; syscall?: unknown };
  if (typeof code === "string") {
    if (severity !== undefined) return isTransientState(code);
    // ENOENT: the socket of a PostgreSQL that is just starting again; of a file it is something else.
    if (transientCodes.has(code) || (code === "ENOENT" && syscall === "connect")) return true;
  }
  return driverMessages.test(error.message) || (error.cause !== undefined && isTransient(error.cause));
}

/** By SQLSTATE, Appendix A of the PostgreSQL manual. */
function isTransientState(code: string): boolean {
  if (permanentStates.has(code)) return false;
  return transientClasses.has(code.slice(0, 2)) || transientStates.has(code);
}

/** Connection, transaction rollback, insufficient resources, operator intervention, system error. */
const transientClasses = new Set(["08", "40", "53", "57", "58"]);
/** In those classes, but no later attempt will do better: protocol violation, a deferred constraint, no such file. */
const permanentStates = new Set(["08P01", "40002", "57P04", "58P01", "58P02"]);
/** Object in use, lock not available, read-only transaction (a fail-over), a transaction that took or idled too long. */
const transientStates = new Set(["55006", "55P03", "25006", "25P03", "25P04"]);

const transientCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EMFILE",
  "ENFILE",
]);

/** What pg and pg-pool say without a code. */
const driverMessages =
  /^(Connection terminated|timeout e(xceeded|xpired)|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;
