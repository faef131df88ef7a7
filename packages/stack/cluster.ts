import { join } from "node:path";
import type { ServiceName } from "@gochat/contracts/events/event";
import type { Engine } from "@gochat/engines/engine";
import { freePort } from "@gochat/engines/free-port";
import { startNginx } from "@gochat/engines/nginx";
import { createAnswerHeaders } from "@gochat/runtime/security-headers";
import { readSettings } from "@gochat/runtime/settings";
import type { Secrets } from "./secrets.ts";
import { chooseNodes, type Environment, type ServiceNode, startServiceNode } from "./service-nodes.ts";
import { type ServiceUrls, withoutEngines } from "./service-urls.ts";
import { startAll } from "./start-all.ts";

/** The services as processes of their own, behind NGINX. */
export interface Cluster extends AsyncDisposable {
  readonly url: string;
  readonly nodes: readonly ServiceNode[];
  /** By the name of the node, and `nginx`. */
  readonly parts: ReadonlyMap<string, Engine>;
}

interface ClusterOptions {
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly secrets: Secrets;
  readonly urls: Readonly<Record<ServiceName, ServiceUrls>>;
  /** Settings of GoChat, such as RATE_LIMITS; those that the cluster decides itself are set over. */
  readonly environment: Environment;
  /** Aborted, the start is given up. */
  readonly signal?: AbortSignal | undefined;
}

/** Starts all nodes side by side, and NGINX. Resolves when every part answers. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, secrets, urls, environment, signal } = options;
  const { publicUrl, trustedProxies } = readSettings(environment);
  const port = options.port || (await freePort());
  const nodes = await chooseNodes();
  const startNode = (node: ServiceNode) =>
    startServiceNode(
      node,
      join(folder, node.name),
      {
        ...withoutEngines(environment),
        ...urls[node.service],
        ...(node.service === "auth"
          ? { KEYS_FILE: secrets.keysFile }
          : { PUBLIC_KEYS_FILE: secrets.publicKeysFile }),
        TRUSTED_PROXIES: "loopback",
        // Everybody else comes through NGINX.
        LISTEN_ADDRESS: "127.0.0.1",
      },
      signal,
    );
  const addressesOf = (service: ServiceName) =>
    nodes.filter((node) => node.service === service).map((node) => `127.0.0.1:${node.port}`);
  await using resources = new AsyncDisposableStack();
  // The first, so that it is stopped last: through it the sockets are told when to come back.
  const nginx = resources.use(
    await startNginx({
      folder: join(folder, "nginx"),
      port,
      nodes: {
        auth: addressesOf("auth"),
        users: addressesOf("users"),
        chat: addressesOf("chat"),
        messages: addressesOf("messages"),
        notifications: addressesOf("notifications"),
      },
      trustedHops: trustedProxies,
      strictTransportSecurity: createAnswerHeaders(publicUrl)["strict-transport-security"] ?? "",
      signal,
    }),
  );
  const services = await startAll(
    resources,
    new Map(nodes.map((node) => [node.name, () => startNode(node)])),
  );
  const owned = resources.move();
  return {
    url: nginx.url,
    nodes,
    parts: new Map([["nginx", nginx], ...services]),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
