import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort, isFree } from "./free-port.ts";

test("gives another port at each call, each of them free", async () => {
  // Drawn without a memory, 600 of 12,000 would repeat one nearly always.
  const ports = await Promise.all(Array.from({ length: 600 }, freePort));
  expect(new Set(ports).size).toBe(600);
  const server = createServer().listen(ports[0]);
  await once(server, "listening");
  expect(await isFree(ports[0]!)).toBe(false);
  server.close();
});
