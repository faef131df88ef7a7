import type { Database, Queryable } from "./database.ts";
import { StartError } from "./start-error.ts";

interface Table {
  readonly name: string;
  /** Without those that the database computes. */
  readonly columns: readonly string[];
  /** The column that numbers its rows, and the sequence behind it, where it has one. */
  readonly identity: string | null;
  readonly sequence: string | null;
}

const rowsAtOnce = 1_000;

/**
 * Copies all rows of a service from one database into another, both at the same version, in one transaction of each.
 * What the migrations put there is replaced. Throws a StartError where the other one has people already. Returns how
 * many rows it copied.
 */
export async function copyTables(from: Database, to: Database): Promise<number> {
  return from.transaction((source) =>
    to.transaction(async (target) => {
      const tables = await tablesOf(source);
      for (const { name } of tables.filter(({ name }) => name === "accounts" || name === "people")) {
        if ((await target.query(`SELECT FROM ${name} LIMIT 1`)).length > 0) {
          throw new StartError(
            "The database has people already, and copying would replace them. Give an empty one.",
          );
        }
      }
      await target.query(`TRUNCATE ${tables.map(({ name }) => name).join(", ")}`);
      let copied = 0;
      for (const table of tables) copied += await copyTable(table, source, target);
      return copied;
    }),
  );
}

/** In the order in which they were made, so that one comes after those that it refers to. */
function tablesOf(database: Queryable): Promise<Table[]> {
  return database.query<Table & Record<string, unknown>>(
    `SELECT quote_ident(relname) AS name,
            array_agg(quote_ident(attname) ORDER BY attnum) FILTER (WHERE attgenerated = '') AS columns,
            max(quote_ident(attname)) FILTER (WHERE attidentity <> '') AS identity,
            max(pg_get_serial_sequence(quote_ident(relname), attname::text))
              FILTER (WHERE attidentity <> '') AS sequence
     FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
     WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
       AND relname NOT IN ('migrations', 'migration_hashes')
     GROUP BY pg_class.oid, relname
     ORDER BY pg_class.oid`,
  );
}

/** Rows travel as JSON, which has each type's whole value as text or number. */
async function copyTable(
  { name, columns, identity, sequence }: Table,
  source: Queryable,
  target: Queryable,
): Promise<number> {
  const list = columns.join(", ");
  await source.query(`DECLARE rows NO SCROLL CURSOR FOR SELECT to_jsonb(${name})::text AS row FROM ${name}`);
  let copied = 0;
  for (;;) {
    const rows = await source.query<{ row: string }>(`FETCH ${rowsAtOnce} FROM rows`);
    if (rows.length === 0) break;
    await target.query(
      `INSERT INTO ${name} (${list}) OVERRIDING SYSTEM VALUE
       SELECT ${list} FROM json_populate_recordset(NULL::${name}, $1::json)`,
      [`[${rows.map(({ row }) => row).join(",")}]`],
    );
    copied += rows.length;
  }
  await source.query("CLOSE rows");
  if (identity !== null) {
    await target.query(`SELECT setval($1, greatest(max(${identity}), 1)) FROM ${name}`, [sequence]);
  }
  return copied;
}
