import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { createGate, type GateStats } from "./gate.ts";

/** argon2id as OWASP's Password Storage Cheat Sheet says; 19 MiB a hash is why only two run at once. */
const cost = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };
const gateOptions = { width: 2, maxWaiting: 100, maxWaitMs: 5_000 };

/** Hashes and checks passwords. Both reject with BUSY where too many are waiting. */
export interface PasswordHasher {
  /** The hash in PHC string format, its salt and cost in it. */
  hash(password: string): Promise<string>;
  /** Whether the password has this hash. Without a hash: false, after the same time. */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>;
  /** How many are at work, wait, and were refused. */
  stats(): GateStats;
}

export function createPasswordHasher(): PasswordHasher {
  const gate = createGate(gateOptions);
  const nobodysHash = unmatchableHash();
  return {
    stats: () => gate.stats(),
    hash: (password) => gate.run(() => hash(normalize(password), cost)),
    verify: (passwordHash, password) =>
      gate.run(() => verify(passwordHash ?? nobodysHash, normalize(password))),
  };
}

/** The same characters typed on another keyboard are the same password (NIST SP 800-63B, section 5.1.1.2). */
function normalize(password: string): string {
  return password.normalize("NFKC");
}

/** Random bytes in the place of a hash: costs as much as any to check, and no password has it. */
function unmatchableHash(): string {
  const base64 = (bytes: number) => randomBytes(bytes).toString("base64").replaceAll("=", "");
  return `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$${base64(16)}$${base64(32)}`;
}
