import type { JWK } from "jose";

interface PublicKey {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly kid: string;
  readonly alg: string;
  readonly use: string;
}

/** A verification key as it is published (RFC 8037). Fields are picked, so that a private part can never slip out. */
export function toPublicKey({ kty = "OKP", crv = "Ed25519", x = "", kid = "" }: JWK): PublicKey {
  return { kty, crv, x, kid, alg: "EdDSA", use: "sig" };
}
