-- Messages that expire, and after how many seconds those of a room do.
ALTER TABLE messages ADD COLUMN expires_at BIGINT;
ALTER TABLE rooms ADD COLUMN expire_seconds BIGINT NOT NULL DEFAULT 0;

-- Finds what is due; messages that do not expire are not in it.
CREATE INDEX messages_by_expiry ON messages (expires_at) WHERE expires_at IS NOT NULL;
