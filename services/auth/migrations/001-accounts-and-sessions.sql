-- E-mail and username are stored folded to lower case, so plain uniqueness is uniqueness without regard to case.
CREATE TABLE accounts (
  id uuid PRIMARY KEY,
  email text COLLATE "C" NOT NULL UNIQUE,
  username text COLLATE "C" NOT NULL UNIQUE,
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL,
  password_changed_at timestamptz NOT NULL
);

-- One row is one refresh-token family. Only SHA-256 hashes of its tokens are kept.
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  token_hash bytea NOT NULL,
  previous_token_hash bytea,
  rotated_at timestamptz,
  access_until timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  ended_at timestamptz,
  user_agent text,
  ip text
);

CREATE INDEX sessions_live_of_user ON sessions (user_id, last_used_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_live_by_use ON sessions (last_used_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at, id) WHERE ended_at IS NOT NULL;

-- Wrong passwords for one e-mail (its hash, since it need not be anybody's) in a window that starts at `since`.
CREATE TABLE sign_in_failures (
  email_hash bytea PRIMARY KEY,
  failures integer NOT NULL,
  since timestamptz NOT NULL
);

CREATE INDEX sign_in_failures_by_age ON sign_in_failures (since);

CREATE TABLE outbox (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event text NOT NULL,
  key text,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  published_at timestamptz
);

CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
