-- As store_messages in 004, which the version before this one still calls, and right for the same reasons. What differs:
--
-- It answers one row for the whole batch. A row for each message, of five columns, cost more to write and to read than
-- what it said. Each column holds one entry an input, in order, with commas between: the outcome, the position, the time
-- in milliseconds since 1970, the id of what it answers, and the digest in base64. Empty: there is none.
--
-- It takes every message for a new one, and looks up which are stored already only where the unique key of the log says
-- that one is, or where one answers nothing that is there: then what was done is undone, all but the opened
-- conversations, and done again with the look-up. A batch without a replay, nearly every one, saves an index look-up a
-- message; one that has any costs twice.
--
-- Whoever sent the newest message of a conversation is a member, and is not looked up among them.
CREATE FUNCTION store_batch(
  conversation_ids uuid[],
  conversations_of uuid[],
  ids uuid[],
  senders uuid[],
  sender_usernames text[],
  recipients uuid[],
  opens boolean[],
  bodies text[],
  replies uuid[],
  OUT outcomes text,
  OUT seqs text,
  OUT created_ms text,
  OUT replies_to text,
  OUT digests text
)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
DECLARE
  batch_time timestamptz;
  looks_up boolean := false;
BEGIN
  IF true = ANY (opens) AND (SELECT count(*) FROM conversations WHERE id = ANY (conversation_ids))
      < cardinality(conversation_ids) THEN
    PERFORM open_conversations(conversations_of, senders, sender_usernames, recipients, opens);
  END IF;

  LOOP
    BEGIN
      -- In the same subtransaction as the update: locked by another one, each row would get a multixact.
      PERFORM FROM conversations WHERE id = ANY (conversation_ids) ORDER BY id FOR UPDATE;
      batch_time := clock_timestamp();

      WITH judged AS MATERIALIZED (
        SELECT input.place, input.conversation_id, input.id, input.sender_id, input.body, input.reply_to,
          conversation.last_seq, conversation.last_activity_at, conversation.last_sender_id,
          conversation.digest AS last_digest,
          stored.seq AS stored_seq, stored.created_at AS stored_at, stored.reply_to AS stored_reply,
          stored.digest AS stored_digest,
          CASE
            WHEN stored.body = input.body THEN 'replayed'
            WHEN stored.seq IS NOT NULL THEN 'CLIENT_ID_REUSED'
            WHEN input.opens AND input.sender_id = input.recipient_id THEN 'SELF'
            -- Scalar on purpose, here and below: an EXISTS may be planned as a hash of the whole table.
            WHEN (conversation.last_sender_id = input.sender_id OR (
              SELECT true FROM members
              WHERE members.conversation_id = input.conversation_id AND members.user_id = input.sender_id
            )) IS NOT TRUE THEN
              CASE WHEN input.opens AND conversation.id IS NULL THEN 'UNKNOWN_RECIPIENT' ELSE 'NOT_FOUND' END
            WHEN input.reply_to IS NULL THEN 'stored'
            WHEN coalesce((
              SELECT answered.seq FROM messages answered
              WHERE answered.conversation_id = input.conversation_id
                AND answered.sender_id = input.recipient_id AND answered.id = input.reply_to
            ), (
              SELECT answered.seq FROM messages answered
              WHERE answered.conversation_id = input.conversation_id
                AND answered.sender_id = input.sender_id AND answered.id = input.reply_to
            )) IS NOT NULL THEN 'stored'
            ELSE 'REPLY_NOT_FOUND'
          END AS verdict
        FROM unnest(conversations_of, ids, senders, recipients, opens, bodies, replies) WITH ORDINALITY
          AS input (conversation_id, id, sender_id, recipient_id, opens, body, reply_to, place)
        LEFT JOIN conversations conversation ON conversation.id = input.conversation_id
        LEFT JOIN LATERAL (
          SELECT seq, created_at, reply_to, digest, body FROM messages
          WHERE looks_up AND messages.conversation_id = input.conversation_id
            AND messages.sender_id = input.sender_id AND messages.id = input.id
          -- Otherwise it would be one join with the rest, and `looks_up` asked too late.
          OFFSET 0
        ) stored ON true
      ), fresh AS MATERIALIZED (
        SELECT place, conversation_id, id, sender_id, body, reply_to,
          last_seq + nth AS seq,
          greatest(batch_time, last_activity_at + interval '1 microsecond')
            + (nth - 1) * interval '1 microsecond' AS created_at,
          chain_digest(last_digest, last_seq + nth, sender_id, id, body) OVER in_order AS digest,
          coalesce(lag(sender_id) OVER in_order, last_sender_id) AS previous_sender_id,
          lead(place) OVER in_order IS NULL AS is_head
        FROM (
          SELECT *, row_number() OVER (PARTITION BY conversation_id ORDER BY place) AS nth
          FROM judged WHERE verdict = 'stored'
        ) counted
        WINDOW in_order AS (PARTITION BY conversation_id ORDER BY place)
      ), inserted AS (
        INSERT INTO messages (conversation_id, seq, id, sender_id, reply_to, created_at, body, digest)
        SELECT conversation_id, seq, id, sender_id, reply_to, created_at, body, digest FROM fresh
      ), moved AS (
        UPDATE conversations
        SET last_seq = head.seq, last_activity_at = head.created_at, digest = head.digest,
          last_sender_id = head.sender_id
        FROM fresh head
        WHERE head.is_head AND conversations.id = head.conversation_id
      ), passed AS (
        UPDATE members
        SET read_seq = greatest(read_seq, own.seq)
        FROM (
          SELECT conversation_id, previous_sender_id, max(seq) - 1 AS seq
          FROM fresh WHERE previous_sender_id <> sender_id GROUP BY conversation_id, previous_sender_id
        ) own
        WHERE members.conversation_id = own.conversation_id AND members.user_id = own.previous_sender_id
      ), answered AS (
        SELECT place, verdict, stored_seq AS seq, stored_at AS created_at, stored_reply AS reply_to,
          stored_digest AS digest
        FROM judged WHERE verdict <> 'stored'
        UNION ALL
        SELECT place, 'stored', seq, created_at, reply_to, digest FROM fresh
      )
      SELECT string_agg(verdict, ',' ORDER BY place),
        string_agg(coalesce(seq::text, ''), ',' ORDER BY place),
        string_agg(
          coalesce(floor(extract(epoch FROM created_at)::double precision * 1000)::text, ''), ',' ORDER BY place
        ),
        string_agg(coalesce(reply_to::text, ''), ',' ORDER BY place),
        string_agg(coalesce(encode(digest, 'base64'), ''), ',' ORDER BY place)
      INTO outcomes, seqs, created_ms, replies_to, digests
      FROM answered;
      -- One that was stored with what it answers, and comes again with something else, is still a replay.
      IF NOT looks_up AND 'REPLY_NOT_FOUND' = ANY (string_to_array(outcomes, ',')) THEN
        RAISE unique_violation;
      END IF;
      RETURN;
    EXCEPTION WHEN unique_violation THEN
      -- A message twice in the batch, which nobody may hand in.
      IF looks_up THEN RAISE; END IF;
      looks_up := true;
    END;
  END LOOP;
END
$function$;
