import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that the system gives to outgoing connections: one that dies must find its port free again. */
const [lowest, count] = [20_000, 12_000];
/** Whoever asked may not listen yet: the same again within the start of a stack broke it now and then. */
const given = new Set<number>();

/** A port of this machine that nobody listens on, on whatever address; at each call another one. */
export async function freePort(): Promise<number> {
  if (given.size > count / 2) given.clear();
  for (;;) {
    const port = lowest + Math.floor(Math.random() * count);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch {
    return false;
  }
}
