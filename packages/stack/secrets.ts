import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ServiceName, serviceNames } from "@gochat/contracts/events/event";
import { loadOrCreateKeys, publicKeysDocument } from "@gochat/runtime/keys";
import { replaceFile } from "@gochat/runtime/replace-file";

/** What a stack keeps for its next start in the same folder. */
export interface Secrets {
  /** Of each service, with the database and with the broker. */
  readonly passwords: Readonly<Record<ServiceName, string>>;
  readonly redis: string;
  /** Path of the file with the signing key: auth's. */
  readonly keysFile: string;
  /** Path of the file with the public keys: for all others. */
  readonly publicKeysFile: string;
}

export async function readOrMakeSecrets(folder: string): Promise<Secrets> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "passwords.json");
  if (!existsSync(path)) {
    const passwords = [...serviceNames, "redis"].map((name) => [name, randomBytes(24).toString("base64url")]);
    replaceFile(path, JSON.stringify(Object.fromEntries(passwords)), 0o600);
  }
  const { redis, ...passwords } = JSON.parse(readFileSync(path, "utf8"));
  const keys = await loadOrCreateKeys(folder);
  const publicKeysFile = join(folder, "public-keys.json");
  replaceFile(publicKeysFile, publicKeysDocument(keys), 0o644);
  return { passwords, redis, keysFile: join(folder, "keys.json"), publicKeysFile };
}
