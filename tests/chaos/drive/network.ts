import { connect, createServer, type Socket } from "node:net";
import type { Random } from "./random.ts";

/** How a connection fails: its answers vanish, it ends for both, or only one side hears of the end. */
type Failure = "swallowed" | "cut" | "half-open";

interface Passage {
  readonly near: Socket;
  readonly far: Socket;
  isSwallowing: boolean;
}

/** The network between devices and GoChat: one door for each device that may have trouble. */
export interface Network extends AsyncDisposable {
  readonly url: string;
  /** Troubles this share of the connections, in all the ways there are. */
  trouble(share: number, random: Random): void;
  /** What was troubled ends, so that nobody waits for what was swallowed. */
  heal(): void;
}

const failures: readonly Failure[] = ["swallowed", "swallowed", "cut", "half-open"];

export async function createNetwork(target: { url: string }): Promise<Network> {
  const { port, hostname } = new URL(target.url);
  const passages = new Set<Passage>();
  const troubled = new Set<Passage>();

  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const passage: Passage = { near, far, isSwallowing: false };
    passages.add(passage);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
    }
    near.on("data", (bytes) => {
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (!passage.isSwallowing) near.write(bytes);
    });
    near.on("close", () => {
      passages.delete(passage);
      troubled.delete(passage);
      far.destroy();
    });
    // A half-open connection: the far side is gone and the near side has not heard of it.
    far.on("close", () => {
      if (!troubled.has(passage)) near.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The network has no port.");

  return {
    url: `http://127.0.0.1:${address.port}`,
    trouble(share, random) {
      for (const passage of passages) {
        if (!random.chance(share)) continue;
        const failure = random.pick(failures);
        if (failure === "cut") {
          passage.near.destroy();
          continue;
        }
        troubled.add(passage);
        passage.isSwallowing = true;
        if (failure === "half-open") passage.far.destroy();
      }
    },
    heal() {
      for (const { near } of [...troubled]) near.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const { near } of passages) near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
