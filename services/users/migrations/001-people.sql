-- What others see of a person, made from events. They may arrive in any order: a row without a username belongs to
-- somebody whose registration is still on its way, and is shown to nobody.
CREATE TABLE people (
  id uuid PRIMARY KEY,
  username text COLLATE "C",
  registered_at timestamptz,
  online boolean NOT NULL DEFAULT false,
  -- When the newest presence event that counted happened; older ones change nothing.
  presence_at timestamptz,
  last_seen_at timestamptz,
  signed_in_at timestamptz,
  signed_out_at timestamptz
);

CREATE INDEX people_by_username ON people (username, id) WHERE username IS NOT NULL;
CREATE INDEX people_by_status ON people (online, username, id) WHERE username IS NOT NULL;
