import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that the system gives to outgoing connections: one that dies must find its port free again. */
const [lowest, count] = [20_000, 12_000];
/** Taken by a process at a time. */
const size = 40;
const mostTries = 2_000;

let reserved: Promise<Iterator<number>> | undefined;

/**
 * A port of this machine that nobody listens on, on whatever address; at each call another one, and never one that another
 * process was given, which may not listen yet.
 *
 * @throws Error where there are none left.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    reserved ??= reserve();
    const from = reserved;
    const { done, value: port } = (await from).next();
    if (!done && (await isFree(port))) return port;
    if (done && reserved === from) reserved = undefined;
  }
}

export async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (!server) return false;
  server.close();
  await once(server, "close");
  return true;
}

/** A run of ports, of this process until it ends: listening on the first says so, and no end of a process leaves that behind. */
async function reserve(): Promise<Iterator<number>> {
  for (let tries = 0; tries < mostTries; tries++) {
    const first = lowest + size * Math.floor(Math.random() * (count / size));
    const sign = await listen(first);
    if (!sign) continue;
    sign.unref();
    return Array.from({ length: size - 1 }, (_, index) => first + 1 + index).values();
  }
  throw new Error(`No ${size} ports in a row are free between ${lowest} and ${lowest + count}.`);
}

async function listen(port: number) {
  const server = createServer();
  try {
    server.listen(port);
    await once(server, "listening");
    return server;
  } catch {
    return undefined;
  }
}
