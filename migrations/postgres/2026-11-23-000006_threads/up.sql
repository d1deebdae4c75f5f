-- Replies make threads. A reply names the message that its thread began with, and keeps what it answers as it was then, in
-- JSON. How many replies there are and which came last stands with the first message.
ALTER TABLE messages ADD COLUMN quote TEXT;
ALTER TABLE messages ADD COLUMN thread BIGINT;
ALTER TABLE messages ADD COLUMN replies BIGINT;
ALTER TABLE messages ADD COLUMN last_reply BIGINT;
CREATE INDEX messages_by_thread ON messages (room_key, thread, "offset") WHERE thread IS NOT NULL;

-- Who follows which thread.
CREATE TABLE follows (
    user_id  BIGINT NOT NULL,
    room_key BIGINT NOT NULL,
    thread   BIGINT NOT NULL,
    PRIMARY KEY (user_id, room_key, thread)
);
CREATE INDEX follows_by_room ON follows (room_key, thread);
