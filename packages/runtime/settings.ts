import { isIP } from "node:net";
import { resolve } from "node:path";
import type { QueueType } from "@gochat/broker/rabbitmq/topology";
import { partitionCount } from "@gochat/contracts/limits";
import { StartError } from "@gochat/database/start-error";
import { engineProtocols, readEngineUrl } from "./engine-urls.ts";
import type { LogLevel } from "./logger.ts";

/** What the environment says, checked; docs/running.md explains each. */
export interface Settings {
  /** 0 takes a free port. */
  readonly port: number;
  /** An address of this machine; undefined stands for all of them. */
  readonly listenAddress: string | undefined;
  /** Absolute path. */
  readonly dataFolder: string;
  readonly publicUrl: URL | undefined;
  /** Addresses, ranges (CIDR) and the word `loopback`: whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly guestDirectory: boolean;
  readonly rateLimits: boolean;
  /** What conversations are spread over; the database of messages keeps the number that it was made with. */
  readonly partitions: number;
  /** How RabbitMQ keeps the queues of the services; what it has already stays as it is. */
  readonly queueType: QueueType;
  readonly logLevel: LogLevel;
  readonly production: boolean;
  readonly databaseUrl: string | undefined;
  readonly brokerUrl: string | undefined;
  readonly cacheUrl: string | undefined;
  /** Where an OpenTelemetry collector takes traces; without the path. */
  readonly tracesEndpoint: string | undefined;
  /** Absolute path of the private keys of the installation. */
  readonly keysFile: string | undefined;
  /** Absolute path of the public ones. */
  readonly publicKeysFile: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const queueTypes = ["quorum", "classic"] as const satisfies readonly QueueType[];
const logLevels = ["debug", "info", "warn", "error", "silent"] as const satisfies readonly LogLevel[];

/** Each is two queues of RabbitMQ, and a process of messages has them all. */
const maxPartitions = 64;

/** Every setting by the name of its variable. An unknown GOCHAT_… name stops the start: it is a misspelt setting. */
const knownNames: ReadonlySet<string> = new Set(["GOCHAT_DATA"]);

/** Reads and checks the environment; the only place that does. Throws a StartError that names the setting. */
export function readSettings(environment: Environment): Settings {
  for (const name of Object.keys(environment)) {
    if (name.startsWith("GOCHAT_") && !knownNames.has(name)) {
      throw new StartError(`${name} is not a setting of GoChat. The settings are listed in docs/running.md.`);
    }
  }
  const production = environment.NODE_ENV === "production";
  const rateLimits = readSwitch(environment, "RATE_LIMITS");
  if (production && !rateLimits) {
    throw new StartError("RATE_LIMITS=off is for measuring and refused in production. Remove it.");
  }
  return {
    port: readPort(environment),
    listenAddress: readListenAddress(environment),
    dataFolder: readFolder(environment),
    publicUrl: readPublicUrl(environment),
    trustedProxies: readTrustedProxies(environment),
    guestDirectory: readSwitch(environment, "GUEST_DIRECTORY"),
    rateLimits,
    partitions: readPartitions(environment),
    queueType: readChoice(environment, "QUEUE_TYPE", queueTypes, "quorum"),
    logLevel: readChoice(environment, "LOG_LEVEL", logLevels, "info"),
    production,
    databaseUrl: readEngineUrl(environment, "DATABASE_URL", engineProtocols.DATABASE_URL),
    brokerUrl: readEngineUrl(environment, "BROKER_URL", engineProtocols.BROKER_URL),
    cacheUrl: readEngineUrl(environment, "CACHE_URL", engineProtocols.CACHE_URL),
    keysFile: readPath(environment, "KEYS_FILE"),
    publicKeysFile: readPath(environment, "PUBLIC_KEYS_FILE"),
    tracesEndpoint: readEngineUrl(environment, "OTEL_EXPORTER_OTLP_ENDPOINT", ["http:", "https:"]),
  };
}

function readPort(environment: Environment): number {
  const text = environment.PORT || "3000";
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new StartError(`PORT=${text} is not a port. Give a number from 0 (any free port) to 65535.`);
  }
  return port;
}

function readListenAddress(environment: Environment): string | undefined {
  const text = environment.LISTEN_ADDRESS;
  if (text && !isIP(text)) {
    throw new StartError(
      `LISTEN_ADDRESS=${text} is not an address. Give one of this machine, or none for all.`,
    );
  }
  return text || undefined;
}

function readFolder(environment: Environment): string {
  const folder = environment.GOCHAT_DATA ?? "./data";
  if (folder.trim() === "" || folder.includes("\0")) {
    throw new StartError(
      "GOCHAT_DATA is empty. Give the folder that keeps the data, or leave it out for ./data.",
    );
  }
  return resolve(folder);
}

function readPublicUrl(environment: Environment): URL | undefined {
  const text = environment.PUBLIC_URL;
  if (!text) return undefined;
  const url = URL.parse(text);
  const plain =
    url && (url.protocol === "http:" || url.protocol === "https:") && url.pathname === "/" && !url.search;
  if (!plain || url.username || url.hash) {
    throw new StartError(
      `PUBLIC_URL=${text} is not an address like https://chat.example.org (no path behind it).`,
    );
  }
  return url;
}

function readTrustedProxies(environment: Environment): string[] {
  const proxies = (environment.TRUSTED_PROXIES ?? "").split(",").map((proxy) => proxy.trim());
  const named = proxies.filter((proxy) => proxy !== "");
  const wrong = named.find((proxy) => proxy !== "loopback" && !isAddressRange(proxy));
  if (wrong !== undefined) {
    throw new StartError(
      `TRUSTED_PROXIES has ${wrong}, which is not an address like 192.0.2.1, a range like 10.0.0.0/8, or loopback.`,
    );
  }
  return named;
}

function isAddressRange(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || more.length > 0) return false;
  // A range of 0 bits is everybody, and then anybody could write the address.
  const maxBits = version === 4 ? 32 : 128;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= maxBits);
}

function readSwitch(environment: Environment, name: string): boolean {
  const text = environment[name] || "on";
  if (text !== "on" && text !== "off") throw new StartError(`${name}=${text} must be on or off.`);
  return text === "on";
}

function readPartitions(environment: Environment): number {
  const text = environment.PARTITIONS || String(partitionCount);
  if (!/^\d{1,2}$/.test(text) || Number(text) < 1 || Number(text) > maxPartitions) {
    throw new StartError(`PARTITIONS=${text} is not a whole number from 1 to ${maxPartitions}.`);
  }
  return Number(text);
}

function readChoice<Choice extends string>(
  environment: Environment,
  name: string,
  choices: readonly Choice[],
  otherwise: Choice,
): Choice {
  const text = environment[name] || otherwise;
  const chosen = choices.find((choice) => choice === text);
  if (!chosen) throw new StartError(`${name}=${text} must be one of ${choices.join(", ")}.`);
  return chosen;
}

function readPath(environment: Environment, name: string): string | undefined {
  const path = environment[name];
  return path ? resolve(path) : undefined;
}
