-- When this service was last alive, by the clock of the database. A log from before this table starts with the last
-- thing that happened in it.
CREATE TABLE beat (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  at timestamptz NOT NULL
);

INSERT INTO beat (at)
SELECT activity.at
FROM (
  SELECT greatest((SELECT max(last_activity_at) FROM conversations), (SELECT max(read_at) FROM members)) AS at
) activity
WHERE activity.at IS NOT NULL;

-- What follows goes through the whole log in pages, while GoChat is in use. No index holds the times, so that storing
-- stays cheap: a page looks at so many rows in the order of their key and leaves out the old ones, so every page costs
-- the same. As in 002 the planner is left no choice but the keys: it may plan before it knows the tables.

-- The next `page` conversations in the order of their ids, past `after`: those with messages since a time, and always
-- the last one looked at, where the next page goes on. `looked_at` below `page`: there are no more.
CREATE FUNCTION recent_conversations(since timestamptz, after uuid, page integer)
RETURNS TABLE (id uuid, is_recent boolean, looked_at bigint)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $function$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT looked.id, looked.is_recent, looked.looked_at
  FROM (
    SELECT next.id, next.last_activity_at >= since AND next.last_seq > 0 AS is_recent,
      count(*) OVER () AS looked_at, row_number() OVER () AS place
    FROM (
      SELECT id, last_activity_at, last_seq FROM conversations WHERE id > after ORDER BY id LIMIT page
    ) next
  ) looked
  WHERE looked.is_recent OR looked.place = looked.looked_at
  ORDER BY looked.place;
END
$function$;

-- The next `page` messages of these conversations since a time, conversation by conversation and in order, past the
-- position `after_seq` of the conversation `after_conversation`.
CREATE FUNCTION messages_since(
  conversation_ids uuid[],
  since timestamptz,
  after_conversation uuid,
  after_seq bigint,
  page integer
) RETURNS TABLE (
  conversation_id uuid,
  seq bigint,
  id uuid,
  sender_id uuid,
  body text,
  reply_to uuid,
  created_ms double precision,
  digest bytea,
  sender_username text
)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
DECLARE
  conversation record;
  first_seq bigint;
  past_seq bigint;
  middle_seq bigint;
  room integer := page;
  found_rows integer;
BEGIN
  FOR conversation IN
    SELECT id, last_seq FROM conversations
    WHERE id = ANY (conversation_ids) AND id >= after_conversation
    ORDER BY id
  LOOP
    IF conversation.id = after_conversation THEN
      first_seq := after_seq + 1;
    ELSE
      -- Positions have no holes and times grow with them, so the first recent one is found by halving.
      first_seq := 1;
      past_seq := conversation.last_seq + 1;
      WHILE first_seq < past_seq LOOP
        middle_seq := (first_seq + past_seq) / 2;
        IF (
          SELECT created_at FROM messages WHERE conversation_id = conversation.id AND seq = middle_seq
        ) < since THEN
          first_seq := middle_seq + 1;
        ELSE
          past_seq := middle_seq;
        END IF;
      END LOOP;
    END IF;
    RETURN QUERY
    SELECT messages.conversation_id, messages.seq, messages.id, sender_id, body, reply_to,
      floor(extract(epoch FROM created_at)::double precision * 1000), digest, coalesce(people.username, '')
    FROM messages LEFT JOIN people ON people.id = sender_id
    WHERE messages.conversation_id = conversation.id AND messages.seq >= first_seq
    ORDER BY messages.seq
    LIMIT room;
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    room := room - found_rows;
    EXIT WHEN room <= 0;
  END LOOP;
END
$function$;

-- The next `page` read positions in the order of their key: those that a device moved since a time, and always the
-- last one looked at. `looked_at` as above.
CREATE FUNCTION read_positions_since(since timestamptz, after_conversation uuid, after_user uuid, page integer)
RETURNS TABLE (conversation_id uuid, user_id uuid, read_seq bigint, is_recent boolean, looked_at bigint)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $function$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT looked.conversation_id, looked.user_id, looked.read_seq, looked.is_recent, looked.looked_at
  FROM (
    SELECT next.*, count(*) OVER () AS looked_at, row_number() OVER () AS place
    FROM (
      SELECT conversation_id, user_id, read_seq, coalesce(read_at >= since, false) AS is_recent
      FROM members
      WHERE (conversation_id, user_id) > (after_conversation, after_user)
      ORDER BY conversation_id, user_id
      LIMIT page
    ) next
  ) looked
  WHERE looked.is_recent OR looked.place = looked.looked_at
  ORDER BY looked.place;
END
$function$;
