import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A request that is sent by half. */
interface Upload extends AsyncDisposable {
  /** Resolves once GoChat takes no connection any more: it is stopping. */
  readonly refusedElsewhere: Promise<void>;
}

/** Sends the first half of a request, and nothing more. */
export async function beginUpload(url: string): Promise<Upload> {
  const { port } = new URL(url);
  const socket = connect(Number(port), "localhost");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write("POST /api/auth/signin HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
  socket.write("Content-Length: 100\r\n\r\n{");
  // Once this is answered, the half that was written before it has been read.
  await fetch(new URL("/healthz", url), { headers: { connection: "close" } });
  const refused = async () => {
    while (await isListening(Number(port))) await delay(20);
  };
  return {
    get refusedElsewhere() {
      return refused();
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "localhost");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
