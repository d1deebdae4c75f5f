-- What another node committed meanwhile would be lost.
LOCK TABLE rooms, events, messages IN ACCESS EXCLUSIVE MODE;
INSERT INTO events
    SELECT room_key, "offset", created_at, sender_id, sender_username, sender_display_name, 'message.created', NULL
    FROM messages ORDER BY room_key, "offset";
ALTER TABLE messages DROP COLUMN created_at;
ALTER TABLE messages DROP COLUMN sender_username;
ALTER TABLE messages DROP COLUMN sender_display_name;
