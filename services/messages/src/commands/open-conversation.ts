import { setTimeout as wait } from "node:timers/promises";
import { directConversationId } from "@gochat/contracts/conversation-id";
import { GoChatError, invalidInput } from "@gochat/contracts/errors";
import type { Conversation } from "@gochat/contracts/http/conversations";
import { openDirectConversation } from "../conversation-store.ts";
import type { Parts } from "../parts.ts";
import { readConversation } from "./read-conversations.ts";

/** Somebody may have registered a moment ago, with the event still on its way here. */
const lookAgainAfterMs = [50, 100, 200, 300, 350];

/** The one conversation of two people, made if it is not there. INVALID_INPUT with oneself, NOT_FOUND with nobody. */
export async function openConversation(
  { database }: Pick<Parts, "database">,
  asker: { userId: string; username: string },
  userId: string,
): Promise<Conversation> {
  if (userId === asker.userId) {
    throw invalidInput({ path: "/userId", message: "is oneself: there is no conversation with oneself" });
  }
  const direct = { id: directConversationId(asker.userId, userId), asker, userId };
  for (const delay of [...lookAgainAfterMs, undefined]) {
    if (await openDirectConversation(database, direct)) break;
    if (delay === undefined) throw new GoChatError("NOT_FOUND");
    await wait(delay);
  }
  return readConversation({ database }, asker.userId, direct.id);
}
