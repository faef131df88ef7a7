import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import fastifyStatic from "@fastify/static";
import { StartError } from "@gochat/database/start-error";
import type { FastifyInstance } from "fastify";

const builtFiles = resolve(import.meta.dirname, "../../web/dist");
const yearInMs = 365 * 24 * 60 * 60 * 1000;

/** Serves the built web client: hashed assets for a year, the page itself asked for anew each time. */
export async function serveWebClient(app: FastifyInstance): Promise<void> {
  if (!existsSync(join(builtFiles, "index.html"))) {
    throw new StartError("The web client is not built. Run npm run build, which npm ci does by itself.");
  }
  await app.register(fastifyStatic, {
    root: builtFiles,
    wildcard: false,
    index: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const isHashed = path.includes(`${builtFiles}/assets/`);
      reply.header("cache-control", isHashed ? `public, max-age=${yearInMs / 1000}, immutable` : "no-cache");
    },
  });
  // Every other path is a page of the client, which reads the address itself; but no API and no missing file.
  app.get("/*", (request, reply) => {
    const [path = ""] = request.url.split("?", 1);
    const isPage = !/^\/(api|ws)(\/|$)/.test(path) && !path.includes(".");
    return isPage ? reply.sendFile("index.html") : reply.callNotFound();
  });
}
