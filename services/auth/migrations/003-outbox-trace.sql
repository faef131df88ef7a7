-- By which request an event came about.
ALTER TABLE outbox ADD COLUMN trace text;
