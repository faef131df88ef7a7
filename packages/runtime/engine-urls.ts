import { readFileSync } from "node:fs";
import { StartError } from "@gochat/database/start-error";
import type { Environment } from "./settings.ts";

/** How the address of each begins. */
export const engineProtocols = {
  DATABASE_URL: ["postgres:", "postgresql:"],
  BROKER_URL: ["amqp:", "amqps:"],
  CACHE_URL: ["redis:", "rediss:"],
} as const;

/** What examples and images come with, and so anybody tries first. */
const wellKnownPasswords: ReadonlySet<string> = new Set([
  "123456",
  "admin",
  "changeme",
  "default",
  "gochat",
  "guest",
  "password",
  "postgres",
  "rabbitmq",
  "redis",
  "root",
  "secret",
  "test",
]);

/**
 * The address of an engine, from the variable or from the file that the variable of that name and `_FILE` names, as
 * secrets are mounted. The address never appears in a message: it may hold a password.
 */
export function readEngineUrl(
  environment: Environment,
  name: string,
  protocols: readonly string[],
): string | undefined {
  const text = readValue(environment, name);
  if (!text) return undefined;
  const url = URL.parse(text);
  if (!url || !protocols.includes(url.protocol)) {
    throw new StartError(`${name} must be an address that begins with ${protocols[0]}//.`);
  }
  if (![url.username, url.password, url.pathname].every(isEncoded)) {
    throw new StartError(`${name} has a % that must be written as %25.`);
  }
  if (hasWellKnownPassword(url) && !isForDevelopment(environment, url)) {
    throw new StartError(
      `${name} has a password that everybody knows, which is for development only. Give its user another one.`,
    );
  }
  return text;
}

function readValue(environment: Environment, name: string): string | undefined {
  const path = environment[`${name}_FILE`];
  if (!path) return environment[name];
  if (environment[name]) throw new StartError(`Both ${name} and ${name}_FILE are set. Remove one of them.`);
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new StartError(
      `${name}_FILE names ${path}, which cannot be read. Correct it, or give this user the right to read that file.`,
      { cause: error },
    );
  }
}

function isEncoded(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** Whoever develops says so, or has the engine on the same machine. */
function isForDevelopment({ NODE_ENV }: Environment, { hostname }: URL): boolean {
  if (NODE_ENV === "production") return false;
  return NODE_ENV === "development" || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function hasWellKnownPassword({ username, password }: URL): boolean {
  return password !== "" && (wellKnownPasswords.has(decodeURIComponent(password)) || password === username);
}
