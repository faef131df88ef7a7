-- One entry for each person and conversation. A row without a message (last_seq 0) only keeps a read position.
CREATE TABLE entries (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  actor_id uuid,
  actor_username text,
  preview text,
  -- Position and time of the newest message that the entry speaks of.
  last_seq bigint NOT NULL DEFAULT 0,
  created_at timestamptz,
  -- The positions that are counted. A set is exact in any order and however often a position comes, and small,
  -- since positions without a gap are one range.
  unread int8multirange NOT NULL DEFAULT '{}',
  -- Positions marked read by hand, past read_seq: a replay must not count them again.
  dismissed int8multirange NOT NULL DEFAULT '{}',
  -- Where the conversation is read up to.
  read_seq bigint NOT NULL DEFAULT 0,
  read_at timestamptz,
  PRIMARY KEY (user_id, conversation_id)
)
-- No other index: a list sorts the entries of one person, which are few, while every message changes two entries.
-- So a change touches no index, and finds room on its page.
WITH (fillfactor = 60);

-- Counts positions and moves read positions, for a whole batch in one round trip. Each (user, conversation) stands in
-- the input once. Answers what became of each: raised (a position was counted that was not before), cleared (nothing
-- is unread any more), holds (one of the given positions is unread now, raised or not), and the entry as it is.
-- Rows are locked in one order, so that two processes with the same rows wait instead of deadlocking.
CREATE FUNCTION change_entries(
  user_ids uuid[], conversation_ids uuid[], read_seqs bigint[], seqs int8multirange[], last_seqs bigint[],
  actor_ids uuid[], actor_usernames text[], previews text[], times timestamptz[], changed_at timestamptz
) RETURNS TABLE (
  raised boolean, cleared boolean, holds boolean, user_id uuid, id uuid, conversation_id uuid, actor_id uuid,
  actor_username text, preview text, last_seq bigint, created_at timestamptz, count bigint, read_seq bigint,
  read_at timestamptz
)
LANGUAGE plpgsql
-- Each row is found by its key, whatever the planner thinks of a table that was empty when it looked; so one plan
-- does for ever, where planning would cost more than the work.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  found_rows integer;
BEGIN
  LOOP
    PERFORM 1 FROM entries AS e
      JOIN unnest(user_ids, conversation_ids) AS given (u, c) ON e.user_id = given.u AND e.conversation_id = given.c
      ORDER BY e.user_id, e.conversation_id FOR UPDATE OF e;
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    EXIT WHEN found_rows = cardinality(user_ids);
    INSERT INTO entries (user_id, conversation_id)
      SELECT given.u, given.c FROM unnest(user_ids, conversation_ids) AS given (u, c) ORDER BY 1, 2
      ON CONFLICT DO NOTHING;
  END LOOP;

  RETURN QUERY
    WITH given AS (
      SELECT * FROM unnest(
        user_ids, conversation_ids, read_seqs, seqs, last_seqs, actor_ids, actor_usernames, previews, times
      ) AS given (u, c, read_seq, seqs, last_seq, actor_id, actor_username, preview, created_at)
    ), positions AS (
      SELECT given.*, e.unread AS old_unread, e.dismissed AS old_dismissed, e.last_seq AS old_last_seq,
        greatest(e.read_seq, given.read_seq) AS new_read_seq,
        int8multirange(int8range(NULL, greatest(e.read_seq, given.read_seq), '[]')) AS passed
      FROM given JOIN entries AS e ON e.user_id = given.u AND e.conversation_id = given.c
    ), outcome AS MATERIALIZED (
      SELECT positions.*,
        (old_unread + seqs - old_dismissed) - passed AS new_unread,
        NOT isempty(seqs - old_unread - old_dismissed - passed) AS is_raised
      FROM positions
    )
    UPDATE entries AS e SET
      read_seq = o.new_read_seq,
      unread = o.new_unread,
      dismissed = o.old_dismissed - o.passed,
      read_at = CASE
        WHEN NOT isempty(o.new_unread) THEN NULL
        WHEN NOT isempty(o.old_unread) THEN changed_at
        ELSE e.read_at END,
      last_seq = CASE WHEN o.is_raised THEN greatest(e.last_seq, o.last_seq) ELSE e.last_seq END,
      actor_id = CASE WHEN o.is_raised AND o.last_seq > e.last_seq THEN o.actor_id ELSE e.actor_id END,
      actor_username =
        CASE WHEN o.is_raised AND o.last_seq > e.last_seq THEN o.actor_username ELSE e.actor_username END,
      preview = CASE WHEN o.is_raised AND o.last_seq > e.last_seq THEN o.preview ELSE e.preview END,
      created_at = CASE WHEN o.is_raised AND o.last_seq > e.last_seq THEN o.created_at ELSE e.created_at END
    FROM outcome AS o
    WHERE e.user_id = o.u AND e.conversation_id = o.c
    RETURNING o.is_raised, NOT isempty(o.old_unread) AND isempty(o.new_unread), o.seqs && o.new_unread, e.user_id,
      e.id, e.conversation_id, e.actor_id, e.actor_username, e.preview, e.last_seq, e.created_at,
      (SELECT coalesce(sum(upper(part) - lower(part)), 0)::bigint FROM unnest(o.new_unread) AS part),
      e.read_seq, e.read_at;
END
$$;

-- What was last announced of each person: since when they are online, or when they were last seen.
CREATE TABLE presence (
  user_id uuid PRIMARY KEY,
  online boolean NOT NULL,
  changed_at timestamptz NOT NULL
);

CREATE INDEX presence_online ON presence (user_id) WHERE online;

-- When the service last lived: after a crash nobody can have been seen later than this.
CREATE TABLE presence_beat (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  at timestamptz NOT NULL
);
