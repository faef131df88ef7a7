import { connect as connectTcp, createServer, type Socket } from "node:net";

/** A network between a browser and GoChat that a test can take away. */
export interface Network extends AsyncDisposable {
  /** Where the browser finds GoChat. */
  readonly url: string;
  /** Every connection ends, and no new one comes through. */
  cut(): void;
  heal(): void;
}

export async function createNetwork(gochat: { url: string }): Promise<Network> {
  const target = Number(new URL(gochat.url).port);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connectTcp(target, "localhost");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The network has no port.");

  function cut(): void {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  }
  return {
    url: `http://localhost:${address.port}`,
    cut,
    heal() {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
