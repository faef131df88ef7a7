import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "@gochat/database/start-error";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";

/** The keys of an installation. */
export interface Keys {
  /** Public Ed25519 keys that verify an access token; what /api/auth/jwks.json answers. */
  readonly verification: readonly JWK[];
  /** The private Ed25519 key that signs access tokens: auth's alone. */
  readonly signing: JWK | undefined;
  /** 32 random bytes from which refresh tokens are derived: auth's alone. */
  readonly refreshSecret: Uint8Array | undefined;
}

interface KeyFile {
  readonly signing: JWK;
  readonly refreshSecret: string;
}

/** The keys in this folder, made at the first start and readable by their owner only. */
export async function loadOrCreateKeys(folder: string): Promise<Keys> {
  const path = join(folder, "keys.json");
  const file = (await readKeyFile(path)) ?? (await createKeyFile(folder, path));
  return keysFrom(file);
}

/** Keys that live as long as the process: for tests. */
export async function createKeys(): Promise<Keys> {
  return keysFrom(await newKeyFile());
}

function keysFrom({ signing, refreshSecret }: KeyFile): Keys {
  const { d: _private, ...verification } = signing;
  return { verification: [verification], signing, refreshSecret: Buffer.from(refreshSecret, "base64url") };
}

async function readKeyFile(path: string): Promise<KeyFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StartError(`The keys in ${path} cannot be read. Give this user the right to read them.`, {
      cause: error,
    });
  }
  try {
    const file = JSON.parse(text) as KeyFile;
    if (file.signing.d && file.refreshSecret) return file;
  } catch {
    // Said below, in a sentence.
  }
  throw new StartError(
    `${path} is damaged. Restore it from a backup, or remove it: then everyone must sign in again.`,
  );
}

async function createKeyFile(folder: string, path: string): Promise<KeyFile> {
  const file = await newKeyFile();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Written whole, then renamed: a crash leaves no half a file.
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(file), { mode: 0o600, flush: true });
  await rename(temporary, path);
  return file;
}

async function newKeyFile(): Promise<KeyFile> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(privateKey);
  const signing = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: "EdDSA", use: "sig" };
  return { signing, refreshSecret: randomBytes(32).toString("base64url") };
}
