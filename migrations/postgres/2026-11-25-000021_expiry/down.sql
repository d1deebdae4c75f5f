DROP INDEX messages_by_expiry;
ALTER TABLE rooms DROP COLUMN expire_seconds;
ALTER TABLE messages DROP COLUMN expires_at;
