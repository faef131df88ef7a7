import { otherMember } from "@gochat/contracts/conversation-id";
import type { Typing } from "@gochat/contracts/sockets/chat";
import type { Connection } from "@gochat/runtime/socket-server";
import type { Static } from "typebox";
import type { Parts } from "../parts.ts";

/** No socket has this id: the answer is for the node alone. */
const nobody = "none";

/**
 * Tells the other member that somebody types, at most once in 3 s; best effort. Only where the conversation is known
 * to exist: otherwise messages is asked which ones this person has, and the sign waits for the answer.
 */
export function passTyping(
  parts: Pick<Parts, "nodeId" | "clock" | "known" | "throttle" | "asking" | "outgoing">,
  connection: Connection,
  { conversationId }: Static<typeof Typing>,
): void {
  const { nodeId, known, throttle, asking, outgoing } = parts;
  const { userId } = connection.identity!;
  const now = parts.clock();
  const typing = { conversationId, userId, recipientId: otherMember(conversationId, userId) };
  if (known.has(conversationId)) {
    if (throttle.passes(userId, conversationId, now)) outgoing.typing.add(typing);
    return;
  }
  known.hold(typing, now);
  if (asking.passes(userId, "", now)) outgoing.heads.add({ node: nodeId, socket: nobody, userId });
}
