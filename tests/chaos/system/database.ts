import pg from "pg";

/** The schema that the migrations of messages made, in whichever database it is. */
const schema = "gochat_messages";

export async function connectTo(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({
    ...config,
    options: `-c search_path=${schema}`,
    connectionTimeoutMillis: 5_000,
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}
