-- For how many seconds a room keeps its log, where it says so, and the first event that is kept.
ALTER TABLE rooms ADD COLUMN retention_seconds BIGINT;
ALTER TABLE rooms ADD COLUMN "first" BIGINT NOT NULL DEFAULT 1;

-- Finds rooms that have a term of their own.
CREATE INDEX rooms_by_retention ON rooms (retention_seconds, key) WHERE retention_seconds IS NOT NULL;
