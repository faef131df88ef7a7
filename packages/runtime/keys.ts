import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "@gochat/database/start-error";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";
import { replaceFile } from "./replace-file.ts";

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

/**
 * The keys in these files: those of `keysFile` sign and verify, those of `publicKeysFile` verify too. Undefined where
 * neither is given. Throws a StartError where one is missing or is something else.
 */
export async function readKeys(files: {
  readonly keysFile: string | undefined;
  readonly publicKeysFile: string | undefined;
}): Promise<Keys | undefined> {
  const { keysFile, publicKeysFile } = files;
  if (!keysFile && !publicKeysFile) return undefined;
  const verification = publicKeysFile ? await readPublicKeys(publicKeysFile) : [];
  if (!keysFile) return { verification, signing: undefined, refreshSecret: undefined };
  const file = await readKeyFile(keysFile);
  if (!file) throw new StartError(`There are no keys in ${keysFile}. Make them: ${howToMakeKeys}`);
  const keys = keysFrom(file);
  const others = verification.filter(({ x }) => x !== file.signing.x);
  return { ...keys, verification: [...keys.verification, ...others] };
}

export const howToMakeKeys = "npx node scripts/make-keys.ts FOLDER.";

/** The document for those who only verify; what /api/auth/jwks.json answers. */
export function publicKeysDocument({ verification }: Keys): string {
  return `${JSON.stringify({ keys: verification }, null, 2)}\n`;
}

/** Keys that live as long as the process: for tests. */
export async function createKeys(): Promise<Keys> {
  return keysFrom(await newKeyFile());
}

function keysFrom({ signing, refreshSecret }: KeyFile): Keys {
  const { d: _private, ...verification } = signing;
  return { verification: [verification], signing, refreshSecret: Buffer.from(refreshSecret, "base64url") };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StartError(`The keys in ${path} cannot be read. Give this user the right to read them.`, {
      cause: error,
    });
  }
}

async function readPublicKeys(path: string): Promise<JWK[]> {
  const text = await readIfThere(path);
  if (text === undefined) throw new StartError(`There are no keys in ${path}. Make them: ${howToMakeKeys}`);
  let keys: JWK[] = [];
  try {
    keys = (JSON.parse(text) as { keys: JWK[] }).keys;
  } catch {
    // Said below, in a sentence.
  }
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every(({ x, crv }) => x && crv === "Ed25519")) {
    throw new StartError(
      `${path} holds no public keys. Give the public-keys.json that belongs to keys.json.`,
    );
  }
  if (keys.some(({ d }) => d)) {
    throw new StartError(`${path} holds a private key, which is for auth alone. Give public-keys.json.`);
  }
  return keys;
}

async function readKeyFile(path: string): Promise<KeyFile | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
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
  replaceFile(path, JSON.stringify(file), 0o600);
  return file;
}

async function newKeyFile(): Promise<KeyFile> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(privateKey);
  const signing = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: "EdDSA", use: "sig" };
  return { signing, refreshSecret: randomBytes(32).toString("base64url") };
}
