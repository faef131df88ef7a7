import pg from "pg";

/** Service → the password of its role. Names and passwords hold letters, digits, `_` and `-` only. */
export type Passwords = Readonly<Record<string, string>>;

/**
 * A database and a role for each service, by its name behind the prefix; the role may enter that database only. Made
 * where they are missing. Returns the DATABASE_URL of each service.
 */
export async function createServiceDatabases(
  superuserUrl: string,
  passwords: Passwords,
  prefix = "",
): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const urls: Record<string, string> = {};
    for (const [service, password] of Object.entries(passwords)) {
      const name = `${prefix}${service}`;
      await createRole(client, name, `LOGIN PASSWORD '${password}'`);
      await createDatabase(client, name);
      const url = new URL(superuserUrl);
      urls[service] = Object.assign(url, { username: name, password, pathname: `/${name}` }).href;
    }
    return urls;
  } finally {
    await client.end();
  }
}

async function createRole(client: pg.Client, name: string, options: string): Promise<void> {
  const { rows } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
  await client.query(`${rows.length > 0 ? "ALTER" : "CREATE"} ROLE ${name} ${options}`);
}

async function createDatabase(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
  if (rows.length === 0) await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
  await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
}
