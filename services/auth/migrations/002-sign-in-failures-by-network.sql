-- Wrong passwords are counted for each network that tried, so that nobody can lock a person out from elsewhere. What
-- was counted without one is forgotten: it would have been within a quarter of an hour.
DELETE FROM sign_in_failures;

ALTER TABLE sign_in_failures
  ADD COLUMN network text NOT NULL,
  DROP CONSTRAINT sign_in_failures_pkey,
  ADD PRIMARY KEY (email_hash, network);
