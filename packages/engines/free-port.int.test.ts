import { execFile } from "node:child_process";
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

test("gives no port that another process was given, though nobody listens on it yet", async () => {
  const script = `
    const { freePort } = await import(process.argv[1]);
    console.log(JSON.stringify(await Promise.all(Array.from({ length: 600 }, freePort))));
    await new Promise((resolve) => process.stdin.on("end", resolve).resume());`;
  const file = new URL("free-port.ts", import.meta.url).href;
  const others = Array.from({ length: 3 }, () =>
    execFile("node", ["--input-type=module", "-e", script, file]),
  );
  try {
    const given = await Promise.all(
      others.map(async ({ stdout }) => JSON.parse((await once(stdout!.setEncoding("utf8"), "data"))[0])),
    );
    const ports = [...given.flat(), ...(await Promise.all(Array.from({ length: 600 }, freePort)))];
    expect(new Set(ports).size).toBe(2_400);
  } finally {
    for (const { stdin } of others) stdin!.end();
  }
});
