import type { Mutant } from "../armed/mutants.ts";
import type { System } from "../system/system.ts";

/** Changes a function of messages in the database, which has been made by its migrations. */
export async function sowInDatabase(system: System, change: NonNullable<Mutant["sql"]>): Promise<void> {
  const client = await system.connectDatabase();
  try {
    const { rows } = await client.query<{ definition: string }>(
      "SELECT pg_get_functiondef(oid) AS definition FROM pg_proc WHERE proname = $1",
      [change.function],
    );
    const definition = rows[0]?.definition ?? "";
    if (!definition.includes(change.find)) throw new Error(`${change.function} has no ${change.find}`);
    await client.query(definition.replace(change.find, () => change.replace));
  } finally {
    await client.end();
  }
}
