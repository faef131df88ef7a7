import { forgetAll, recall, remember } from "./storage.ts";

/**
 * What was begun and not sent, by person and conversation. It survives a reload where the browser keeps anything, and
 * other accounts of this browser don't see it.
 */
const drafts = new Map<string, string>();

const allOf = (userId: string) => `gochat.draft.${userId}.`;
const nameOf = (userId: string, conversationId: string) => `${allOf(userId)}${conversationId}`;

export function draftOf(userId: string, conversationId: string): string {
  const name = nameOf(userId, conversationId);
  return drafts.get(name) ?? recall(name) ?? "";
}

export function keepDraft(userId: string, conversationId: string, text: string): void {
  const name = nameOf(userId, conversationId);
  drafts.set(name, text);
  remember(name, text === "" ? null : text);
}

/** For a sign-out by hand. */
export function forgetDrafts(userId: string): void {
  for (const name of drafts.keys()) if (name.startsWith(allOf(userId))) drafts.delete(name);
  forgetAll(allOf(userId));
}
