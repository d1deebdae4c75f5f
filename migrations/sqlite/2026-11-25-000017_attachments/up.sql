-- Files that were uploaded, or are being. One that is on its way, or that no message has yet, ends with its term; one that a
-- message has ends with the message.
CREATE TABLE uploads (
    id               TEXT NOT NULL PRIMARY KEY,
    -- Who uploads it.
    user_id          BIGINT NOT NULL,
    -- The file's name for people.
    name             TEXT   NOT NULL,
    -- How many bytes it will have, and how many of them are kept.
    size             BIGINT NOT NULL,
    received         BIGINT NOT NULL,
    -- The objects that keep them, in their order: name:bytes,name:bytes
    parts            TEXT   NOT NULL,
    created_at       BIGINT NOT NULL,
    -- Nothing once a message has it or it is removed.
    expires_at       BIGINT,
    -- Since when its bytes are being removed.
    removed_at       BIGINT,
    -- What the bytes are, found in them; nothing until all have been looked at.
    media_type       TEXT,
    width            BIGINT,
    height           BIGINT,
    thumbnail_type   TEXT,
    thumbnail_size   BIGINT,
    thumbnail_width  BIGINT,
    thumbnail_height BIGINT,
    -- The message that has it.
    room_key         BIGINT,
    message          BIGINT
);
CREATE INDEX uploads_by_user ON uploads (user_id) WHERE expires_at IS NOT NULL;
CREATE INDEX uploads_by_expiry ON uploads (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX uploads_by_removal ON uploads (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX uploads_by_message ON uploads (room_key, message) WHERE room_key IS NOT NULL;

-- What a message says of its files, in JSON: [{"id":"…","name":"…","type":"…","size":1}].
ALTER TABLE messages ADD COLUMN attachments TEXT;
