-- Appends messages to conversations whose logs the caller knows the ends of, in one round trip and one transaction (READ
-- COMMITTED, synchronous_commit on). What store_batch in 005 works out for each message, positions, digests and read
-- positions, the caller has worked out already; here stays what only the database can say: whether all of it still holds.
-- It answers null, and has done nothing, where it does not, or where it can't be told this simply: another process has
-- stored meanwhile, a sender is not a member, a message is stored already. Then store_batch judges message by message.
--
-- Of each conversation, once each and in the order of their ids: the end of its log as known (position, digest, and who
-- sent the newest message, null where nobody is known), and the end as it is to be. Of each message, in the order of its
-- conversation: the place of the conversation in those arrays, from 1, its number among the new ones there, from 1, and
-- what is stored. `senders_of` and `senders_checked`: who sends without having sent the newest message. `passed_of`,
-- `passed_senders` and `passed_seqs`: up to where those have read whose newest message is followed by another person's
-- (see last_sender_id in 004).
--
-- The answer holds the time of the first new message of each conversation, in microseconds since 1970, with commas
-- between; each further one is a microsecond later.
--
-- Why it is right: the row of the conversation is locked until the commit, and its digest says everything that is in the
-- log up to there. So what was worked out from a digest that is still the last one is what would be worked out now.
-- Whoever else waits for the row finds another digest behind the lock, and goes the other way.
CREATE FUNCTION append_batch(
  conversation_ids uuid[],
  known_seqs bigint[],
  known_digests bytea[],
  known_senders uuid[],
  new_seqs bigint[],
  new_digests bytea[],
  new_senders uuid[],
  senders_of uuid[],
  senders_checked uuid[],
  passed_of uuid[],
  passed_senders uuid[],
  passed_seqs bigint[],
  places integer[],
  numbers integer[],
  ids uuid[],
  senders uuid[],
  bodies text[],
  digests bytea[],
  OUT first_us text
)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
DECLARE
  firsts timestamptz[];
BEGIN
  -- First of all: this is the lock. By the order of the ids given, since each row is found by its key.
  WITH moved AS (
    UPDATE conversations
    SET last_seq = ends.seq, digest = ends.digest, last_sender_id = ends.sender_id,
      last_activity_at = greatest(clock_timestamp(), last_activity_at + interval '1 microsecond')
        + (ends.seq - ends.known_seq - 1) * interval '1 microsecond'
    FROM unnest(
      conversation_ids, known_seqs, known_digests, known_senders, new_seqs, new_digests, new_senders
    ) WITH ORDINALITY AS ends (id, known_seq, known_digest, known_sender_id, seq, digest, sender_id, place)
    WHERE conversations.id = ends.id AND conversations.last_seq = ends.known_seq
      AND conversations.digest = ends.known_digest
      AND conversations.last_sender_id IS NOT DISTINCT FROM ends.known_sender_id
    RETURNING ends.place,
      conversations.last_activity_at - (ends.seq - ends.known_seq - 1) * interval '1 microsecond' AS first
  )
  SELECT array_agg(first ORDER BY place),
    string_agg(((extract(epoch FROM first) * 1000000)::bigint)::text, ',' ORDER BY place)
  INTO firsts, first_us
  FROM moved;
  IF cardinality(firsts) IS DISTINCT FROM cardinality(conversation_ids) OR cardinality(senders_checked) > (
    SELECT count(*) FROM unnest(senders_of, senders_checked) AS checked (conversation_id, user_id)
    JOIN members USING (conversation_id, user_id)
  ) THEN
    RAISE unique_violation;
  END IF;

  INSERT INTO messages (conversation_id, seq, id, sender_id, created_at, body, digest)
  SELECT conversation_ids[place], known_seqs[place] + number, id, sender_id,
    firsts[place] + (number - 1) * interval '1 microsecond', body, digest
  FROM unnest(places, numbers, ids, senders, bodies, digests) AS input (place, number, id, sender_id, body, digest);

  IF cardinality(passed_senders) > 0 THEN
    UPDATE members
    SET read_seq = greatest(read_seq, passed.seq)
    FROM (
      SELECT conversation_id, user_id, max(seq) AS seq
      FROM unnest(passed_of, passed_senders, passed_seqs) AS turns (conversation_id, user_id, seq)
      GROUP BY conversation_id, user_id
    ) passed
    WHERE members.conversation_id = passed.conversation_id AND members.user_id = passed.user_id;
  END IF;
EXCEPTION WHEN unique_violation THEN
  -- What was done is undone.
  first_us := NULL;
END
$function$;
