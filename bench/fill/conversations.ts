import { directConversationId } from "@gochat/contracts/conversation-id";
import type { Target } from "../target.ts";
import { fillBySql } from "./sql.ts";

type Member = { readonly id: string };

/**
 * Conversations with so many messages each, the two taking turns, all read; with the hash chain as the service makes
 * it. Straight into the tables, as if everything had been announced long ago. Returns the ids.
 */
export async function fillConversations(
  target: Target,
  pairs: readonly (readonly [Member, Member])[],
  messages: number,
): Promise<string[]> {
  const ids = pairs.map(([one, other]) => directConversationId(one.id, other.id));
  const columns = [ids, pairs.map(([{ id }]) => id), pairs.map(([, { id }]) => id)];
  const given = "unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS given (conversation_id, one, other)";
  await fillBySql(target, "messages", [
    [
      `INSERT INTO messages (conversation_id, seq, id, sender_id, created_at, body, digest)
       SELECT conversation_id, seq, id, sender_id, now() - interval '1 year' + seq * interval '1 ms', body,
         chain_digest(first_digest(conversation_id), seq, sender_id, id, body)
           OVER (PARTITION BY conversation_id ORDER BY seq)
       FROM (
         SELECT conversation_id, seq, gen_random_uuid() AS id, 'This is message number ' || seq AS body,
           CASE seq % 2 WHEN 0 THEN one ELSE other END AS sender_id
         FROM ${given}, generate_series(1, $4::bigint) AS seq
       ) said`,
      [...columns, messages],
    ],
    [
      `INSERT INTO conversations (id, last_seq, announced_seq, digest, created_at, last_activity_at)
       SELECT conversation_id, seq, seq, digest, created_at, created_at
       FROM messages WHERE conversation_id = ANY ($1::uuid[]) AND seq = $2::bigint`,
      [ids, messages],
    ],
    [
      `INSERT INTO members (conversation_id, user_id, read_seq)
       SELECT conversation_id, user_id, $4::bigint
       FROM ${given}, LATERAL (VALUES (one), (other)) AS both_members (user_id)`,
      [...columns, messages],
    ],
    ["VACUUM ANALYZE messages, conversations, members"],
  ]);
  return ids;
}
