import { partitionOf } from "@gochat/contracts/conversation-id";
import { GoChatError } from "@gochat/contracts/errors";
import type { MessageReadUpTo } from "@gochat/contracts/sockets/chat";
import type { Connection } from "@gochat/runtime/socket-server";
import type { Static } from "typebox";
import type { Parts } from "../parts.ts";

/** A person has read up to here; messages decides what that moves. Throws BUSY. */
export function reportSeen(
  { outgoing }: Pick<Parts, "outgoing">,
  connection: Connection,
  { conversationId, seq }: Static<typeof MessageReadUpTo>,
): void {
  const { userId } = connection.identity!;
  const isTaken = outgoing.seen[partitionOf(conversationId, outgoing.seen.length)]!.add({
    conversationId,
    userId,
    seq,
  });
  if (!isTaken) throw new GoChatError("BUSY", "Too busy right now; the read position was not kept.");
}
