-- The number of partitions that the log was made with, and whatever else must never change by itself.
CREATE TABLE settings (
  name text PRIMARY KEY,
  value text NOT NULL
);

-- Who exists, as far as this service knows: fed by user.registered and by the senders of messages.
CREATE TABLE people (
  id uuid PRIMARY KEY,
  username text NOT NULL
);

-- Every message updates its conversation. No index on what moves, and room on each page, keep those updates
-- heap-only: they touch no index and need no vacuum. The few queries by last_activity_at pay with a scan.
CREATE TABLE conversations (
  id uuid PRIMARY KEY,
  kind text NOT NULL DEFAULT 'direct' CHECK (kind = 'direct'),
  -- The highest position given out; every position up to it is stored.
  last_seq bigint NOT NULL DEFAULT 0,
  -- Every position up to it was announced. What lies between the two is announced again by the sweeper.
  announced_seq bigint NOT NULL DEFAULT 0,
  -- The hash chain of the log up to last_seq: see chain_digest.
  digest bytea NOT NULL,
  created_at timestamptz NOT NULL,
  -- When the last message was stored; before the first one, when the conversation was made.
  last_activity_at timestamptz NOT NULL,
  CHECK (announced_seq <= last_seq)
) WITH (fillfactor = 80);

CREATE TABLE members (
  conversation_id uuid NOT NULL REFERENCES conversations (id),
  user_id uuid NOT NULL,
  read_seq bigint NOT NULL DEFAULT 0,
  -- When a device last moved it; null where only one's own messages did.
  read_at timestamptz,
  PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 80);

CREATE INDEX members_of_user ON members (user_id, conversation_id);

-- The log. Rows are only ever added, by store_messages, which locks the conversation first: a foreign key would
-- check the same again for every row.
CREATE TABLE messages (
  conversation_id uuid NOT NULL,
  seq bigint NOT NULL,
  id uuid NOT NULL,
  sender_id uuid NOT NULL,
  reply_to uuid,
  -- Strictly increasing within a conversation.
  created_at timestamptz NOT NULL,
  body text NOT NULL,
  -- The hash chain up to this message.
  digest bytea NOT NULL,
  PRIMARY KEY (conversation_id, seq),
  -- For ever: the same id sent again, even a year later, is the same message.
  UNIQUE (conversation_id, sender_id, id)
);
