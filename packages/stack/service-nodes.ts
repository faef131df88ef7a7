import { join, resolve } from "node:path";
import type { ServiceName } from "@gochat/contracts/events/event";
import type { Engine } from "@gochat/engines/engine";
import { startEngineProcess } from "@gochat/engines/engine-process";
import { freePort } from "@gochat/engines/free-port";

/** How many processes each service has, in the order of their start. */
export const nodeCounts: Readonly<Record<ServiceName, number>> = {
  auth: 1,
  users: 1,
  messages: 2,
  notifications: 2,
  chat: 2,
};

export interface ServiceNode {
  readonly service: ServiceName;
  /** Of the part: `chat-2`, and `auth` where there is one only. */
  readonly name: string;
  readonly port: number;
}

export async function chooseNodes(): Promise<ServiceNode[]> {
  const nodes: ServiceNode[] = [];
  for (const [service, count] of Object.entries(nodeCounts)) {
    for (let number = 1; number <= count; number++) {
      const name = count === 1 ? service : `${service}-${number}`;
      nodes.push({ service: service as ServiceName, name, port: await freePort() });
    }
  }
  return nodes;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const repository = resolve(import.meta.dirname, "../..");
const readyTimeoutMs = 60_000;

/** One service as a process of its own, as `npx node server/src/main.ts NAME` starts it. Resolves when it is ready. */
export async function startServiceNode(
  { service, name, port }: ServiceNode,
  folder: string,
  environment: Environment,
  signal: AbortSignal | undefined,
): Promise<Engine> {
  const url = `http://127.0.0.1:${port}`;
  const started = await startEngineProcess({
    name,
    command: [process.execPath, join(repository, "server/src/main.ts"), service],
    environment: {
      // Several processes of one program start at once: what one has compiled, the others need not.
      NODE_COMPILE_CACHE: join(repository, "node_modules/.cache/compiled"),
      ...environment,
      PORT: String(port),
      GOCHAT_DATA: folder,
    },
    folder,
    ping: async () => {
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`${name} is not ready.`);
    },
    readyTimeoutMs,
    failsAtOnce: true,
    signal,
    stop: { signal: "SIGTERM", patienceMs: 20_000 },
  });
  return Object.assign(started, { url });
}
