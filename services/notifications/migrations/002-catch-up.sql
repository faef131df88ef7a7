-- Up to when the entries are known to hold everything that messages knows; by its clock. Null: never compared yet.
-- Without this row, or without entries, all of it is compared anew.
CREATE TABLE caught_up (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  until timestamptz,
  -- When the last page was asked for.
  asked_at timestamptz NOT NULL
);
