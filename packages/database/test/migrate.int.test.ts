import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, inject, test } from "vitest";
import type { Database } from "../database.ts";
import { connectPostgres } from "../postgres.ts";
import { StartError } from "../start-error.ts";

const url = inject("postgresUrl");
const migrations = new URL("./migrations/", import.meta.url);
const newerMigrations = new URL("./newer-migrations/", import.meta.url);

function prefix(): string {
  return `t${randomBytes(5).toString("hex")}_`;
}

async function names(database: Database): Promise<unknown[]> {
  const rows = await database.query("SELECT name FROM things ORDER BY id");
  return rows.map(({ name }) => name);
}

/** The migrations in a temporary folder, to be edited there. */
async function copyOfMigrations() {
  const path = await mkdtemp(join(tmpdir(), "gochat-migrations-"));
  await cp(migrations, path, { recursive: true });
  const change = async (file: string, edit: (sql: string) => string) =>
    writeFile(join(path, file), edit(await readFile(join(path, file), "utf8")));
  return {
    folder: pathToFileURL(`${path}/`),
    change,
    append: (file: string, more: string) => change(file, (sql) => sql + more),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

test("a new migration runs on what is there; the older GoChat then refuses in one sentence", async () => {
  await using server = await connectPostgres({ url, schemaPrefix: prefix() });
  await (await server.open("auth", migrations)).query("INSERT INTO things (name) VALUES ('kept')");
  const newer = await server.open("auth", newerMigrations);
  expect(await newer.query("SELECT name, colour FROM things")).toEqual([{ name: "kept", colour: null }]);
  const refusal = server.open("auth", migrations);
  await expect(refusal).rejects.toThrow(StartError);
  await expect(refusal).rejects.toThrow("The database of auth was changed by a newer GoChat (003-colours)");
});

test("a migration that was edited after it ran is refused in one sentence", async () => {
  await using server = await connectPostgres({ url, schemaPrefix: prefix() });
  await server.open("auth", migrations);
  await using edited = await copyOfMigrations();
  await edited.append("001-things.sql", "CREATE TABLE others (id int);");
  const refusal = server.open("auth", edited.folder);
  await expect(refusal).rejects.toThrow(StartError);
  await expect(refusal).rejects.toThrow("The database of auth was made by another version of GoChat");
  await expect(refusal).rejects.toThrow("001-things");
  expect(await names(await server.open("auth", migrations))).toEqual([]);
});

test("other line ends are no other migration", async () => {
  await using server = await connectPostgres({ url, schemaPrefix: prefix() });
  await server.open("auth", migrations);
  await using checkedOut = await copyOfMigrations();
  await checkedOut.change("001-things.sql", (sql) => sql.replaceAll("\n", "\r\n"));
  expect(await names(await server.open("auth", checkedOut.folder))).toEqual([]);
});

test("a schema from before hashes were kept is taken as it is, and from then on held to it", async () => {
  await using server = await connectPostgres({ url, schemaPrefix: prefix() });
  await (await server.open("auth", migrations)).query("DROP TABLE migration_hashes");
  await using edited = await copyOfMigrations();
  await edited.append("001-things.sql", "-- A remark.\n");
  expect(await names(await server.open("auth", edited.folder))).toEqual([]);
  await expect(server.open("auth", migrations)).rejects.toThrow("was made by another version");
});
