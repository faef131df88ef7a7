import { digestBytes, extendDigest, firstDigest } from "@gochat/contracts/digest";
import { uuidBytes } from "@gochat/contracts/uuid";
import fc from "fast-check";
import { expect, test } from "vitest";
import { extendChain } from "./chain.ts";

const link = fc.record({ senderId: fc.uuid(), id: fc.uuid(), body: fc.string({ unit: "binary" }) });

test("the chain is the one that clients check, wherever a log ends", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat(2 ** 40), fc.nat(5), fc.array(link), (conversationId, seq, from, links) => {
      const end = { seq, digest: firstDigest(conversationId) };
      const all = [
        ...Array.from({ length: from }, () => ({ senderId: conversationId, id: conversationId, body: "" })),
        ...links,
      ];
      const digests = Buffer.alloc(all.length * digestBytes);
      const ids = uuidBytes(all.map((one) => one.id));
      const senderIds = uuidBytes(all.map((one) => one.senderId));
      const bodies = all.map((one) => one.body);
      extendChain(end, { ids, senderIds, bodies }, [from, all.length], digests);
      let digest = end.digest;
      for (const [index, one] of links.entries()) {
        digest = extendDigest(digest, { ...one, seq: seq + 1 + index });
        const at = (from + index) * digestBytes;
        expect(digests.subarray(at, at + digestBytes)).toEqual(Buffer.from(digest));
      }
      expect(digests.subarray(0, from * digestBytes).every((byte) => byte === 0)).toBe(true);
    }),
  );
});
