import type { Parts } from "../parts.ts";

/** Messages speaks of this conversation, so it exists: the sign of typing that waited for that goes on. */
export function learnConversation(
  { clock, known, throttle, outgoing }: Pick<Parts, "clock" | "known" | "throttle" | "outgoing">,
  conversationId: string,
): void {
  const now = clock();
  const typing = known.learn(conversationId, now);
  if (typing && throttle.passes(typing.userId, conversationId, now)) outgoing.typing.add(typing);
}
