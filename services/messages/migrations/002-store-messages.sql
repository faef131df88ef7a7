-- The hash chain of a conversation (packages/contracts/digest.ts says the same for clients). It begins with the hash of
-- the conversation's id; each message extends it by its position, sender and id and by the hash of its body.
CREATE FUNCTION first_digest(conversation_id uuid) RETURNS bytea
LANGUAGE sql IMMUTABLE
AS $function$ SELECT sha256(uuid_send(conversation_id)) $function$;

-- In plpgsql on purpose: it evaluates one expression, where a function in SQL would start a query for each message.
CREATE FUNCTION extend_digest(digest bytea, first bytea, seq bigint, sender_id uuid, id uuid, body text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE
AS $function$
BEGIN
  RETURN sha256(coalesce(digest, first) || int8send(seq) || uuid_send(sender_id) || uuid_send(id)
    || sha256(convert_to(body, 'UTF8')));
END
$function$;

-- As a window function over the new messages of a conversation, beginning with its digest so far.
CREATE AGGREGATE chain_digest(first bytea, seq bigint, sender_id uuid, id uuid, body text) (
  SFUNC = extend_digest,
  STYPE = bytea
);

-- Stores a batch of messages in one round trip and one transaction (READ COMMITTED, synchronous_commit on).
--
-- The arrays are parallel, one element an input, in the order in which seq is to be given out. `conversation_ids`
-- holds each conversation once. Answers one row an input, in that order. Outcomes:
--   stored, replayed               the message is on disk at `seq`; the other columns are the stored ones
--   CLIENT_ID_REUSED               this sender's id belongs to a message with another body
--   NOT_FOUND, REPLY_NOT_FOUND     not a member or no such conversation; nothing there to answer
--   SELF, UNKNOWN_RECIPIENT        the message would open a conversation with oneself, or with nobody
--
-- An input must not answer another one of the same call; the caller puts it into the next call.
--
-- Why it is right: whoever stores into a conversation holds its row from the lock to the commit, so the look-up of
-- ids already stored, which comes after the lock and with a snapshot of its own, sees every message before this
-- one, and positions become visible in order and without holes. Locks are taken in the order of ids, people
-- before conversations, so that two batches cannot wait for each other.
--
-- Planning costs more than the work of a small batch, so the plan is cached; and a plan made while the tables are
-- empty would scan them for ever. So the planner is left no choice: index look-ups in nested loops, by whole keys.
CREATE FUNCTION store_messages(
  conversation_ids uuid[],
  conversations_of uuid[],
  ids uuid[],
  senders uuid[],
  sender_usernames text[],
  recipients uuid[],
  opens boolean[],
  bodies text[],
  replies uuid[]
) RETURNS TABLE (outcome text, seq bigint, created_ms double precision, reply_to uuid, digest bytea)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
DECLARE
  batch_time timestamptz;
BEGIN
  IF true = ANY (opens) AND (SELECT count(*) FROM conversations WHERE id = ANY (conversation_ids))
      < cardinality(conversation_ids) THEN
    PERFORM open_conversations(conversations_of, senders, sender_usernames, recipients, opens);
  END IF;

  PERFORM FROM conversations WHERE id = ANY (conversation_ids) ORDER BY id FOR UPDATE;
  batch_time := clock_timestamp();

  RETURN QUERY
  WITH judged AS (
    SELECT input.*, conversation.last_seq, conversation.last_activity_at, conversation.digest AS last_digest,
      stored.seq AS stored_seq, stored.created_at AS stored_at, stored.reply_to AS stored_reply,
      stored.digest AS stored_digest,
      CASE
        WHEN stored.body = input.body THEN 'replayed'
        WHEN stored.seq IS NOT NULL THEN 'CLIENT_ID_REUSED'
        WHEN input.opens AND input.sender_id = input.recipient_id THEN 'SELF'
        WHEN member.user_id IS NULL AND input.opens AND conversation.id IS NULL THEN 'UNKNOWN_RECIPIENT'
        WHEN member.user_id IS NULL THEN 'NOT_FOUND'
        WHEN input.reply_to IS NULL THEN 'new'
        -- Scalar on purpose: an EXISTS may be planned as a hash of the whole table.
        WHEN coalesce((
          SELECT answered.seq FROM messages answered
          WHERE answered.conversation_id = input.conversation_id
            AND answered.sender_id = input.recipient_id AND answered.id = input.reply_to
        ), (
          SELECT answered.seq FROM messages answered
          WHERE answered.conversation_id = input.conversation_id
            AND answered.sender_id = input.sender_id AND answered.id = input.reply_to
        )) IS NOT NULL THEN 'new'
        ELSE 'REPLY_NOT_FOUND'
      END AS verdict
    FROM unnest(conversations_of, ids, senders, recipients, opens, bodies, replies) WITH ORDINALITY
      AS input (conversation_id, id, sender_id, recipient_id, opens, body, reply_to, place)
    LEFT JOIN conversations conversation ON conversation.id = input.conversation_id
    LEFT JOIN members member
      ON member.conversation_id = input.conversation_id AND member.user_id = input.sender_id
    LEFT JOIN messages stored
      ON stored.conversation_id = input.conversation_id AND stored.sender_id = input.sender_id
        AND stored.id = input.id
  ), marked AS (
    -- Of the same new message twice in a batch, the first is stored and the other is its replay.
    SELECT judged.*, verdict = 'new' AND row_number() OVER same_message = 1 AS is_first
    FROM judged
    WINDOW same_message AS (PARTITION BY conversation_id, sender_id, id, verdict ORDER BY place)
  ), counted AS (
    SELECT marked.*, count(*) FILTER (WHERE is_first) OVER (PARTITION BY conversation_id ORDER BY place) AS nth
    FROM marked
  ), chained AS (
    SELECT counted.*, chain_digest(last_digest, last_seq + nth, sender_id, id, body) FILTER (WHERE is_first)
      OVER (PARTITION BY conversation_id ORDER BY place) AS digest
    FROM counted
  ), numbered AS MATERIALIZED (
    SELECT place, conversation_id, id, sender_id, is_first, verdict,
      first_value(body) OVER same_message AS body,
      body = first_value(body) OVER same_message AS is_same_body,
      CASE verdict WHEN 'new' THEN last_seq + first_value(nth) OVER same_message ELSE stored_seq END AS seq,
      CASE verdict
        WHEN 'new' THEN greatest(batch_time, last_activity_at + interval '1 microsecond')
          + (first_value(nth) OVER same_message - 1) * interval '1 microsecond'
        ELSE stored_at
      END AS created_at,
      CASE verdict WHEN 'new' THEN first_value(reply_to) OVER same_message ELSE stored_reply END AS reply_to,
      CASE verdict WHEN 'new' THEN first_value(digest) OVER same_message ELSE stored_digest END AS digest
    FROM chained
    WINDOW same_message AS (PARTITION BY conversation_id, sender_id, id, verdict ORDER BY place)
  ), inserted AS (
    INSERT INTO messages (conversation_id, seq, id, sender_id, reply_to, created_at, body, digest)
    SELECT conversation_id, seq, id, sender_id, reply_to, created_at, body, digest
    FROM numbered WHERE is_first ORDER BY conversation_id, seq
  ), moved AS (
    UPDATE conversations
    SET last_seq = head.seq, last_activity_at = head.created_at, digest = head.digest
    FROM (
      SELECT DISTINCT ON (conversation_id) conversation_id, seq, created_at, digest
      FROM numbered WHERE is_first ORDER BY conversation_id, seq DESC
    ) head
    WHERE conversations.id = head.conversation_id
  ), read AS (
    UPDATE members
    SET read_seq = greatest(read_seq, own.seq)
    FROM (
      SELECT conversation_id, sender_id, max(seq) AS seq
      FROM numbered WHERE is_first GROUP BY conversation_id, sender_id
    ) own
    WHERE members.conversation_id = own.conversation_id AND members.user_id = own.sender_id
  )
  SELECT
    CASE
      WHEN is_first THEN 'stored'
      WHEN verdict <> 'new' THEN verdict
      WHEN is_same_body THEN 'replayed'
      ELSE 'CLIENT_ID_REUSED'
    END,
    numbered.seq,
    floor(extract(epoch FROM numbered.created_at)::double precision * 1000),
    numbered.reply_to,
    numbered.digest
  FROM numbered
  ORDER BY place;
END
$function$;

-- Opens the conversations of those inputs that ask for it and whose recipient exists. The senders are made known:
-- their own user.registered may still be on its way.
CREATE FUNCTION open_conversations(
  conversations_of uuid[],
  senders uuid[],
  sender_usernames text[],
  recipients uuid[],
  opens boolean[]
) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
BEGIN
  INSERT INTO people (id, username)
  SELECT DISTINCT ON (sender.id) sender.id, sender.username
  FROM unnest(senders, sender_usernames) AS sender (id, username)
  WHERE NOT EXISTS (SELECT FROM people WHERE people.id = sender.id)
  ORDER BY sender.id
  ON CONFLICT DO NOTHING;

  WITH opening AS MATERIALIZED (
    SELECT DISTINCT ON (input.conversation_id) input.conversation_id, input.sender_id, input.recipient_id
    FROM unnest(conversations_of, senders, recipients, opens)
      AS input (conversation_id, sender_id, recipient_id, opens)
    WHERE input.opens AND input.sender_id <> input.recipient_id
      AND EXISTS (SELECT FROM people WHERE people.id = input.recipient_id)
      AND NOT EXISTS (SELECT FROM conversations WHERE conversations.id = input.conversation_id)
    ORDER BY input.conversation_id
  ), opened AS (
    INSERT INTO conversations (id, created_at, last_activity_at, digest)
    SELECT conversation_id, now.at, now.at, first_digest(conversation_id)
    FROM opening, (SELECT clock_timestamp() AS at) now
    ORDER BY conversation_id
    ON CONFLICT DO NOTHING
    RETURNING id
  )
  INSERT INTO members (conversation_id, user_id)
  SELECT opening.conversation_id, both_members.user_id
  FROM opened
  JOIN opening ON opening.conversation_id = opened.id
  CROSS JOIN LATERAL (VALUES (opening.sender_id), (opening.recipient_id)) AS both_members (user_id);
END
$function$;

-- Moves read positions forward: never back, never past the head, only of members. Answers those that moved.
-- It locks the conversations first, as storing does, so that the two cannot wait for each other.
CREATE FUNCTION mark_read(conversations_of uuid[], readers uuid[], positions bigint[])
RETURNS TABLE (conversation_id uuid, user_id uuid, read_seq bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
BEGIN
  PERFORM FROM conversations WHERE id = ANY (conversations_of) ORDER BY id FOR UPDATE;

  RETURN QUERY
  UPDATE members
  SET read_seq = least(seen.seq, conversations.last_seq), read_at = clock_timestamp()
  FROM (
    SELECT conversation_id, user_id, max(seq) AS seq
    FROM unnest(conversations_of, readers, positions) AS input (conversation_id, user_id, seq)
    GROUP BY conversation_id, user_id
  ) seen
  JOIN conversations ON conversations.id = seen.conversation_id
  WHERE members.conversation_id = seen.conversation_id AND members.user_id = seen.user_id
    AND members.read_seq < least(seen.seq, conversations.last_seq)
  RETURNING members.conversation_id, members.user_id, members.read_seq;
END
$function$;

-- Moves watermarks: the positions first_seqs … last_seqs were announced. A watermark moves only where nothing
-- unannounced lies before them. Losing this to a crash only means announcing again, so no commit waits for the disk.
CREATE FUNCTION mark_announced(conversation_ids uuid[], first_seqs bigint[], last_seqs bigint[]) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
BEGIN
  -- Local to the transaction, so it still holds at its commit; a SET of the function would not.
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM FROM conversations WHERE id = ANY (conversation_ids) ORDER BY id FOR UPDATE;
  UPDATE conversations
  SET announced_seq = announced.last_seq
  FROM unnest(conversation_ids, first_seqs, last_seqs) AS announced (id, first_seq, last_seq)
  WHERE conversations.id = announced.id
    AND announced.first_seq <= conversations.announced_seq + 1
    AND conversations.announced_seq < announced.last_seq;
END
$function$;
