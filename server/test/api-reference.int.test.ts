import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveApiReference } from "../src/api-reference.ts";

let app: FastifyInstance;
beforeAll(async () => {
  app = Fastify();
  await serveApiReference(app);
});
afterAll(() => app.close());

test("the page is there with and without a slash, and everything that it names is served", async () => {
  const { statusCode, body } = await app.inject("/docs");
  expect([statusCode, (await app.inject("/docs/")).body]).toEqual([200, body]);
  const named = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
  expect(named).toContain("/docs/asyncapi.json");
  // Without a name of its own for it, a browser asks for /favicon.ico, which is not there.
  expect(body).toContain('rel="icon"');
  for (const address of named.filter((each) => each.startsWith("/"))) {
    expect([address, (await app.inject(address)).statusCode]).toEqual([address, 200]);
  }
});
