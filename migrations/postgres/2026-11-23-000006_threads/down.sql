DROP TABLE follows;
DROP INDEX messages_by_thread;
ALTER TABLE messages DROP COLUMN last_reply;
ALTER TABLE messages DROP COLUMN replies;
ALTER TABLE messages DROP COLUMN thread;
ALTER TABLE messages DROP COLUMN quote;
