import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import { expect, test } from "vitest";
import { headsPast } from "./heads.ts";

test("heads past what a device has, or of what it does not list; silence for the rest", () => {
  const [ana, bob, carl, dan] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const row = (other: string, last_seq: number) => ({
    user_id: ana,
    conversation_id: directConversationId(ana, other),
    last_seq,
  });
  const rows = [row(bob, 7), row(carl, 3), row(dan, 0)];
  const known = {
    [directConversationId(ana, bob)]: 5,
    [directConversationId(ana, carl)]: 3,
    [directConversationId(bob, carl)]: 0,
  };
  expect(headsPast(rows, known)).toEqual([
    { conversationId: directConversationId(ana, bob), memberIds: [ana, bob], headSeq: 7 },
    { conversationId: directConversationId(ana, dan), memberIds: [ana, dan], headSeq: 0 },
  ]);
  expect(headsPast(rows)).toHaveLength(3);
});
