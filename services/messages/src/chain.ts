import { hash } from "node:crypto";
import { digestBytes } from "@gochat/contracts/digest";
import { uuidByteCount } from "@gochat/contracts/uuid";

/** What the hash chain covers of messages, each of them at the same place: ids as 16 bytes, one behind the other. */
export interface Links {
  readonly senderIds: Uint8Array;
  readonly ids: Uint8Array;
  readonly bodies: readonly string[];
}

const seqAt = digestBytes;
const senderAt = seqAt + 8;
const idAt = senderAt + uuidByteCount;
const bodyAt = idAt + uuidByteCount;
const input = Buffer.alloc(bodyAt + digestBytes);

/**
 * Writes the digests of the links `from` to `to`, which follow each other in one log behind this end of it, to the same
 * places of `digests`. The rule is that of packages/contracts/digest.ts and of chain_digest in the database; the hash is
 * that of Node.js, which takes a tenth of the time that the one for browsers does.
 */
export function extendChain(
  end: { readonly digest: Uint8Array; readonly seq: number },
  { senderIds, ids, bodies }: Links,
  [from, to]: readonly [from: number, to: number],
  digests: Buffer,
): void {
  input.set(end.digest);
  for (let index = from; index < to; index++) {
    const seq = end.seq + 1 + index - from;
    input.writeUInt32BE(Math.floor(seq / 2 ** 32), seqAt);
    input.writeUInt32BE(seq % 2 ** 32, seqAt + 4);
    for (let byte = 0; byte < uuidByteCount; byte++) {
      input[senderAt + byte] = senderIds[index * uuidByteCount + byte]!;
      input[idAt + byte] = ids[index * uuidByteCount + byte]!;
    }
    // As text: Node.js makes a string in a third of the time that it takes to make a buffer.
    input.write(hash("sha256", bodies[index]!, "latin1"), bodyAt, "latin1");
    input.write(hash("sha256", input, "latin1"), "latin1");
    input.copy(digests, index * digestBytes, 0, digestBytes);
  }
}
