import { extendDigest, firstDigest } from "@gochat/contracts/digest";
import type { Queryable } from "@gochat/database/database";
import { expect } from "vitest";

export type LogRow = { seq: number; id: string; senderId: string; body: string; digest: Buffer };

/** What is stored of a conversation, in order. */
export function readLog(database: Queryable, conversationId: string): Promise<LogRow[]> {
  return database.query<LogRow>(
    'SELECT seq, id, sender_id AS "senderId", body, digest FROM messages WHERE conversation_id = $1 ORDER BY seq',
    [conversationId],
  );
}

/** Dense, and each digest follows from the one before. */
export function expectWhole(conversationId: string, rows: readonly LogRow[]): void {
  let digest = firstDigest(conversationId);
  for (const [index, row] of rows.entries()) {
    expect(row.seq).toBe(index + 1);
    digest = extendDigest(digest, row);
    expect(row.digest.equals(digest)).toBe(true);
  }
}
