import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import { findProgram } from "./debian.ts";
import type { Engine } from "./engine.ts";
import { startEngineProcess } from "./engine-process.ts";

export interface NginxOptions {
  readonly folder: string;
  readonly port: number;
  /** The addresses (`127.0.0.1:3001`) of the nodes of each service. */
  readonly nodes: Readonly<Record<GatewayService, readonly string[]>>;
  /** Addresses, ranges and the word `loopback`: whose X-Forwarded-For is believed. */
  readonly trustedHops?: readonly string[];
  /** The value of Strict-Transport-Security, where people come by https. */
  readonly strictTransportSecurity?: string;
  /** The built web client. Default: that of this repository. */
  readonly webRoot?: string;
  /** Default: as many as the machine has cores. */
  readonly workers?: number;
  /** Aborted, the start is given up. */
  readonly signal?: AbortSignal | undefined;
}

export type GatewayService = "auth" | "users" | "chat" | "messages" | "notifications";

const places = {
  name: "NGINX",
  debianPackages: ["nginx-light"],
  paths: ["/usr/sbin/nginx"],
  variable: "NGINX_PATH",
};
const repository = resolve(import.meta.dirname, "../..");
const template = join(repository, "deploy/nginx/nginx.conf.template");

/** NGINX with GoChat's own configuration, in front of services that run apart on this machine. */
export async function startNginx(options: NginxOptions): Promise<Engine> {
  const { folder, port, signal } = options;
  const program = findProgram(places);
  mkdirSync(folder, { recursive: true });
  const configuration = join(folder, "nginx.conf");
  writeFileSync(configuration, fillIn(readFileSync(template, "utf8"), valuesOf(options)));
  const url = `http://localhost:${port}`;
  // The workers of root would be another user, who may not be able to read the web client.
  const user = process.getuid?.() === 0 ? ["-g", "user root;"] : [];
  const started = await startEngineProcess({
    name: "NGINX",
    command: [program, "-p", folder, "-c", configuration, ...user],
    environment: { PATH: process.env.PATH },
    folder,
    ping: async () => void (await fetch(url, { signal: AbortSignal.timeout(1_000) })),
    readyTimeoutMs: 10_000,
    failsAtOnce: true,
    signal,
    stop: { signal: "SIGTERM", patienceMs: 2_000 },
  });
  return Object.assign(started, { url });
}

/** Puts in each `${NAME}` in capitals, as envsubst does; one without a value is an error. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The template has no value for ${name}.`);
    return value;
  });
}

function valuesOf({ port, nodes, trustedHops = [], ...options }: NginxOptions): Record<string, string> {
  const servers = Object.entries(nodes).map(([service, addresses]) => [
    `${service.toUpperCase()}_SERVERS`,
    addresses.map((address) => `server ${address} ${patienceWith(service)};`).join(" "),
  ]);
  const hops = trustedHops.flatMap((hop) => (hop === "loopback" ? ["127.0.0.0/8", "::1"] : [hop]));
  return {
    ...Object.fromEntries(servers),
    ACCESS_LOG: "off",
    WORKERS: String(options.workers ?? "auto"),
    LISTEN: `listen ${port};${hasIpv6() ? ` listen [::]:${port};` : ""}`,
    WEB_ROOT: options.webRoot ?? join(repository, "web/dist"),
    TRUSTED_HOPS: hops.map((hop) => `set_real_ip_from ${hop};`).join(" "),
    STRICT_TRANSPORT_SECURITY: options.strictTransportSecurity ?? "",
  };
}

/**
 * A node that failed gets one request each 2 s until one of them has ended well. A socket does not end, so there a node
 * that came back would get one person each 2 s: where sockets go, failures are not counted.
 */
function patienceWith(service: string): string {
  return service === "chat" || service === "notifications" ? "max_fails=0" : "max_fails=1 fail_timeout=2s";
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some((address) => address?.family === "IPv6");
}
