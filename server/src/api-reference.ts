import { createRequire } from "node:module";
import { dirname } from "node:path";
import fastifyStatic from "@fastify/static";
import { asyncApiDocument } from "@gochat/contracts/asyncapi";
import { openApiDocument } from "@gochat/contracts/openapi";
import type { FastifyInstance } from "fastify";

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>GoChat: API reference</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
  </head>
  <body>
    <p>HTTP is described here, the sockets and events in <a href="/docs/asyncapi.json">the AsyncAPI document</a>.</p>
    <div id="reference"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const start = `SwaggerUIBundle({ url: "/docs/openapi.json", dom_id: "#reference", deepLinking: true });\n`;

/** The API reference at /docs, made from the contracts; outside production only. */
export async function serveApiReference(app: FastifyInstance): Promise<void> {
  const assets = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  await app.register(fastifyStatic, {
    root: assets,
    prefix: "/docs/assets/",
    decorateReply: false,
    allowedPath: (path) => path === "/swagger-ui.css" || path === "/swagger-ui-bundle.js",
  });
  for (const path of ["/docs", "/docs/"]) {
    app.get(path, (_request, reply) => reply.type("text/html; charset=utf-8").send(page));
  }
  app.get("/docs/start.js", (_request, reply) => reply.type("text/javascript; charset=utf-8").send(start));
  app.get("/docs/openapi.json", async () => openApiDocument());
  app.get("/docs/asyncapi.json", async () => asyncApiDocument());
}
