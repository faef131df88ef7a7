import { startEmbeddedPostgres } from "../embedded.ts";

/** A process that runs the embedded PostgreSQL in the folder given, says where, and stops it at SIGTERM. */
const [dataFolder = ""] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ dataFolder });
console.log(JSON.stringify({ url: server.url }));
await new Promise<void>((resolve) => {
  const alive = setInterval(() => {}, 60_000);
  process.once("SIGTERM", () => {
    clearInterval(alive);
    resolve();
  });
});
await server[Symbol.asyncDispose]();
