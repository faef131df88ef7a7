import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { directConversationId, otherMember, partitionOf } from "./conversation-id.ts";
import { partitionCount } from "./limits.ts";
import { uuidPattern } from "./uuid.ts";

describe("the id of a direct conversation", () => {
  test("is the same whoever asks, and leads from one member to the other", () => {
    for (let round = 0; round < 200; round++) {
      const [ana, bob] = [randomUUID(), randomUUID()];
      const id = directConversationId(ana, bob);
      expect(id).toBe(directConversationId(bob, ana));
      expect(id).toMatch(new RegExp(uuidPattern));
      expect(id[14]).toBe("8");
      expect("89ab").toContain(id[19]);
      expect(otherMember(id, ana)).toBe(bob);
      expect(otherMember(id, bob)).toBe(ana);
    }
  });

  test("leads a stranger to nobody", () => {
    const [ana, bob, eve] = [randomUUID(), randomUUID(), randomUUID()];
    expect([ana, bob, eve]).not.toContain(otherMember(directConversationId(ana, bob), eve));
  });

  test("spreads over all partitions", () => {
    const used = new Set(
      Array.from({ length: 400 }, () =>
        partitionOf(directConversationId(randomUUID(), randomUUID()), partitionCount),
      ),
    );
    expect([...used].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
