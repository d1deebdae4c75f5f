-- Which messages can be found. The number is the time when a message was sent, in microseconds since 1970, and 12 bits more that
-- keep apart most of what was sent at the same time.
CREATE TABLE searchable (
    room_key BIGINT NOT NULL,
    "offset" BIGINT NOT NULL,
    id       BIGINT NOT NULL,
    -- The words as the program cuts and folds them; _r and the room's key, _u and the sender's id are words too, and so are the
    -- stretches of time that the message was sent in.
    words    TSVECTOR NOT NULL DEFAULT '',
    PRIMARY KEY (room_key, "offset")
);
CREATE INDEX searchable_by_words ON searchable USING gin (words);
CREATE INDEX searchable_by_id ON searchable (id);

-- Up to where each room's log has been taken up.
CREATE TABLE index_positions (
    room_key BIGINT PRIMARY KEY NOT NULL,
    "offset" BIGINT NOT NULL
);
