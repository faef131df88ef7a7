-- As change_entries in 001, which the version before this one still calls: the same sets, under the same locks in the
-- same order. What differs is what it costs:
--
-- It answers one row for the whole batch, and in it those entries alone of which there is something to announce. Each
-- column holds one item an entry, with commas between; null where there is none. A place is where the entry stands in
-- the input, from 1 on.
--   raised_places, raised_ids, raised_counts   raised, and where the batch comes again also those that hold one of the
--                                              given positions. They show the newest message given, but for:
--   kept                                       those that show another one, a JSON array
--   cleared_places, cleared_seqs               cleared, and where the batch comes again also those that are read by the
--                                              given position; with the position they are read up to
--
-- Rows are looked up by key once, to lock them; then by their address, which stays the same for as long as they are
-- locked. Where nothing is unread a read position changes nothing else, and is written by itself. The arithmetic of
-- sets is left out where its outcome is plain: nothing dismissed, and all positions past the one that is read.
--
-- Arrays are taken apart in a select list, which keeps no table of each.
CREATE FUNCTION change_batch(
  user_ids uuid[],
  conversation_ids uuid[],
  read_seqs bigint[],
  seqs int8multirange[],
  last_seqs bigint[],
  actor_ids uuid[],
  actor_usernames text[],
  previews text[],
  times timestamptz[],
  changed_at timestamptz,
  is_again boolean,
  OUT raised_places text,
  OUT raised_ids text,
  OUT raised_counts text,
  OUT kept json,
  OUT cleared_places text,
  OUT cleared_seqs text
)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $function$
#variable_conflict use_column
DECLARE
  addresses tid[];
  only_reads boolean[];
  read_rows bigint;
  changed_rows bigint;
BEGIN
  LOOP
    SELECT array_agg(address ORDER BY place), array_agg(only_read ORDER BY place) INTO addresses, only_reads
    FROM (
      SELECT e.ctid AS address, place,
        NOT is_again AND isempty(given.seqs) AND isempty(e.unread) AND isempty(e.dismissed) AS only_read
      FROM (
        SELECT unnest(user_ids) AS u, unnest(conversation_ids) AS c, unnest(seqs) AS seqs,
          generate_subscripts(user_ids, 1) AS place
      ) AS given
      JOIN entries AS e ON e.user_id = given.u AND e.conversation_id = given.c
      ORDER BY e.user_id, e.conversation_id FOR UPDATE OF e
    ) AS locked;
    EXIT WHEN cardinality(addresses) = cardinality(user_ids);
    INSERT INTO entries (user_id, conversation_id)
      SELECT given.u, given.c FROM unnest(user_ids, conversation_ids) AS given (u, c) ORDER BY 1, 2
      ON CONFLICT DO NOTHING;
  END LOOP;

  UPDATE entries AS e SET read_seq = greatest(e.read_seq, given.read_seq)
  FROM (
    SELECT unnest(addresses) AS address, unnest(only_reads) AS only_read, unnest(read_seqs) AS read_seq
  ) AS given
  WHERE given.only_read AND e.ctid = given.address;
  GET DIAGNOSTICS read_rows = ROW_COUNT;

  -- OFFSET 0: what one step works out, the next ones would work out again each time they name it.
  WITH joined AS (
    SELECT given.*, e.unread AS old_unread, e.dismissed AS old_dismissed, e.last_seq AS old_last_seq,
      greatest(e.read_seq, given.read_seq) AS new_read_seq, e.unread + given.seqs AS all_unread
    FROM (
      SELECT unnest(addresses) AS address, unnest(only_reads) AS only_read, unnest(read_seqs) AS read_seq,
        unnest(seqs) AS seqs, unnest(last_seqs) AS last_seq, unnest(actor_ids) AS actor_id,
        unnest(actor_usernames) AS actor_username, unnest(previews) AS preview, unnest(times) AS created_at,
        generate_subscripts(addresses, 1) AS place
    ) AS given
    JOIN entries AS e ON e.ctid = given.address
    WHERE NOT given.only_read
    OFFSET 0
  ), counted AS (
    SELECT joined.*,
      CASE
        WHEN isempty(old_dismissed) AND (lower(all_unread) > new_read_seq) IS NOT FALSE THEN all_unread
        ELSE all_unread - old_dismissed - int8multirange(int8range(NULL, new_read_seq, '[]'))
      END AS new_unread
    FROM joined
    OFFSET 0
  ), outcome AS (
    SELECT counted.*,
      CASE
        WHEN isempty(seqs) THEN false
        WHEN isempty(old_unread) THEN NOT isempty(new_unread)
        WHEN isempty(old_dismissed) AND lower(seqs) > new_read_seq THEN NOT seqs <@ old_unread
        ELSE NOT (seqs - old_dismissed - int8multirange(int8range(NULL, new_read_seq, '[]'))) <@ old_unread
      END AS is_raised
    FROM counted
    OFFSET 0
  ), judged AS (
    SELECT address, place, new_read_seq, new_unread, actor_id, actor_username, preview, created_at,
      CASE WHEN is_raised AND last_seq > old_last_seq THEN last_seq END AS newer_seq,
      isempty(old_unread) AS was_read,
      is_raised OR (is_again AND seqs && new_unread) AS tells_raised,
      isempty(new_unread)
        AND (NOT isempty(old_unread) OR (is_again AND read_seq > 0 AND old_last_seq > 0)) AS tells_cleared
    FROM outcome
    OFFSET 0
  ), changed AS (
    UPDATE entries AS e SET
      read_seq = o.new_read_seq,
      unread = o.new_unread,
      dismissed = CASE
        WHEN isempty(e.dismissed) THEN e.dismissed
        ELSE e.dismissed - int8multirange(int8range(NULL, o.new_read_seq, '[]')) END,
      read_at = CASE WHEN NOT isempty(o.new_unread) THEN NULL WHEN o.was_read THEN e.read_at ELSE changed_at END,
      last_seq = coalesce(o.newer_seq, e.last_seq),
      actor_id = CASE WHEN o.newer_seq IS NULL THEN e.actor_id ELSE o.actor_id END,
      actor_username = CASE WHEN o.newer_seq IS NULL THEN e.actor_username ELSE o.actor_username END,
      preview = CASE WHEN o.newer_seq IS NULL THEN e.preview ELSE o.preview END,
      created_at = CASE WHEN o.newer_seq IS NULL THEN e.created_at ELSE o.created_at END
    FROM judged AS o
    WHERE e.ctid = o.address
    RETURNING e.id, e.unread, e.read_seq,
      CASE WHEN o.tells_raised THEN o.place END AS raised_place,
      CASE WHEN o.tells_cleared THEN o.place END AS cleared_place,
      CASE WHEN o.tells_raised AND o.newer_seq IS NULL THEN json_build_object(
        'place', o.place, 'seq', e.last_seq, 'actorId', e.actor_id, 'actorUsername', e.actor_username,
        'preview', e.preview, 'createdMs', floor(extract(epoch FROM e.created_at)::double precision * 1000)
      ) END AS kept_entry
  )
  SELECT count(*),
    string_agg(raised_place::text, ','),
    string_agg(id::text, ',') FILTER (WHERE raised_place IS NOT NULL),
    string_agg(CASE
      WHEN unread = int8multirange(range_merge(unread)) THEN upper(unread) - lower(unread)
      ELSE (SELECT sum(upper(part) - lower(part)) FROM unnest(unread) AS part)
    END::text, ',') FILTER (WHERE raised_place IS NOT NULL),
    json_agg(kept_entry) FILTER (WHERE kept_entry IS NOT NULL),
    string_agg(cleared_place::text, ','),
    string_agg(read_seq::text, ',') FILTER (WHERE cleared_place IS NOT NULL)
  INTO changed_rows, raised_places, raised_ids, raised_counts, kept, cleared_places, cleared_seqs
  FROM changed;

  -- Cannot be: the rows are locked. Should it, nothing is half done, and the caller tries again.
  IF read_rows + changed_rows <> cardinality(user_ids) THEN
    RAISE serialization_failure;
  END IF;
END
$function$;
