import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that the system gives to outgoing connections: one that dies must find its port free again. */
const [lowest, count] = [20_000, 12_000];

/** A port of this machine that nobody listens on, on whatever address. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * count);
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
