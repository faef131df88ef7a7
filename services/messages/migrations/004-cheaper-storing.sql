-- Sending moves one's own read position to the message. Of whoever sent the newest message it is at the head, so it
-- is kept there: messages in a row by one person touch the conversation and nothing else. It goes to `members` when
-- somebody else sends. Null: the positions of all members are in `members`.
ALTER TABLE conversations ADD COLUMN last_sender_id uuid;

-- How far each member has read.
CREATE VIEW read_positions AS
SELECT members.conversation_id, members.user_id, members.read_at,
  CASE conversations.last_sender_id WHEN members.user_id THEN conversations.last_seq ELSE members.read_seq END AS read_seq
FROM members JOIN conversations ON conversations.id = members.conversation_id;

-- Stores a batch of messages in one round trip and one transaction (READ COMMITTED, synchronous_commit on). It
-- replaces the function in 002.
--
-- The arrays are parallel, one element an input, in the order in which seq is to be given out. `conversation_ids`
-- holds each conversation once. Answers one row an input, in that order. Outcomes:
--   stored, replayed               the message is on disk at `seq`; the other columns are the stored ones
--   CLIENT_ID_REUSED               this sender's id belongs to a message with another body
--   NOT_FOUND, REPLY_NOT_FOUND     not a member or no such conversation; nothing there to answer
--   SELF, UNKNOWN_RECIPIENT        the message would open a conversation with oneself, or with nobody
--
-- An input must neither answer nor repeat another one of the same call; the caller puts it into the next call. 002
-- allowed repetitions; here one of a new message breaks the unique key, and the whole call is refused.
--
-- The read position of each sender moves to the message: see `last_sender_id`.
--
-- Why it is right: whoever stores into a conversation holds its row from the lock to the commit, so the look-up of
-- ids already stored, which comes after the lock and with a snapshot of its own, sees every message before this
-- one, and positions become visible in order and without holes. The last sender and the read positions of a
-- conversation change under the same lock. Locks are taken in the order of ids, people before conversations, so
-- that two batches cannot wait for each other.
--
-- Planning costs more than the work of a small batch, so the plan is cached; and a plan made while the tables are
-- empty would scan them for ever. So the planner is left no choice: index look-ups in nested loops, by whole keys.
CREATE OR REPLACE FUNCTION store_messages(
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
        WHEN member.user_id IS NULL AND input.opens AND conversation.id IS NULL THEN 'UNKNOWN_RECIPIENT'
        WHEN member.user_id IS NULL THEN 'NOT_FOUND'
        WHEN input.reply_to IS NULL THEN 'stored'
        -- Scalar on purpose: an EXISTS may be planned as a hash of the whole table.
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
    LEFT JOIN members member
      ON member.conversation_id = input.conversation_id AND member.user_id = input.sender_id
    LEFT JOIN messages stored
      ON stored.conversation_id = input.conversation_id AND stored.sender_id = input.sender_id
        AND stored.id = input.id
  ), fresh AS MATERIALIZED (
    SELECT place, conversation_id, id, sender_id, body, reply_to,
      last_seq + nth AS seq,
      greatest(batch_time, last_activity_at + interval '1 microsecond')
        + (nth - 1) * interval '1 microsecond' AS created_at,
      chain_digest(last_digest, last_seq + nth, sender_id, id, body) OVER in_order AS digest,
      coalesce(lag(sender_id) OVER in_order, last_sender_id) AS previous_sender_id
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
    SET last_seq = head.seq, last_activity_at = head.created_at, digest = head.digest, last_sender_id = head.sender_id
    FROM (
      SELECT DISTINCT ON (conversation_id) conversation_id, seq, created_at, digest, sender_id
      FROM fresh ORDER BY conversation_id, seq DESC
    ) head
    WHERE conversations.id = head.conversation_id
  ), passed AS (
    UPDATE members
    SET read_seq = greatest(read_seq, own.seq)
    FROM (
      SELECT conversation_id, previous_sender_id, max(seq) - 1 AS seq
      FROM fresh WHERE previous_sender_id <> sender_id GROUP BY conversation_id, previous_sender_id
    ) own
    WHERE members.conversation_id = own.conversation_id AND members.user_id = own.previous_sender_id
  ), answered AS (
    SELECT place, verdict, stored_seq AS seq, stored_at AS created_at, stored_reply AS reply_to, stored_digest AS digest
    FROM judged WHERE verdict <> 'stored'
    UNION ALL
    SELECT place, 'stored', seq, created_at, reply_to, digest FROM fresh
  )
  SELECT verdict, answered.seq, floor(extract(epoch FROM answered.created_at)::double precision * 1000),
    answered.reply_to, answered.digest
  FROM answered ORDER BY place;
END
$function$;

-- Moves read positions forward: never back, never past the head, only of members. Answers those that moved. That of
-- whoever sent the newest message is at the head already. It locks the conversations first, as storing does, so that
-- the two cannot wait for each other.
CREATE OR REPLACE FUNCTION mark_read(conversations_of uuid[], readers uuid[], positions bigint[])
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
    AND members.user_id IS DISTINCT FROM conversations.last_sender_id
    AND members.read_seq < least(seen.seq, conversations.last_seq)
  RETURNING members.conversation_id, members.user_id, members.read_seq;
END
$function$;

-- The next `page` read positions in the order of their key: those that a device moved since a time, and always the
-- last one looked at, where the next page goes on. `looked_at` below `page`: there are no more. As in 003 every page
-- costs the same; the positions are those of the view.
CREATE OR REPLACE FUNCTION read_positions_since(since timestamptz, after_conversation uuid, after_user uuid, page integer)
RETURNS TABLE (conversation_id uuid, user_id uuid, read_seq bigint, is_recent boolean, looked_at bigint)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT looked.conversation_id, looked.user_id, looked.read_seq, looked.is_recent, looked.looked_at
  FROM (
    SELECT next.*, count(*) OVER () AS looked_at, row_number() OVER () AS place
    FROM (
      SELECT conversation_id, user_id, read_seq, coalesce(read_at >= since, false) AS is_recent
      FROM read_positions
      WHERE (conversation_id, user_id) > (after_conversation, after_user)
      ORDER BY conversation_id, user_id
      LIMIT page
    ) next
  ) looked
  WHERE looked.is_recent OR looked.place = looked.looked_at
  ORDER BY looked.place;
END
$function$;
