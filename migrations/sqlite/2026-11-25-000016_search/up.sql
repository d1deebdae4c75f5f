-- Which messages can be found. The number is the time when a message was sent, in microseconds since 1970, and 12 bits more that
-- keep apart what was sent at the same time.
CREATE TABLE searchable (
    id       INTEGER PRIMARY KEY NOT NULL,
    room_key BIGINT NOT NULL,
    "offset" BIGINT NOT NULL
);
CREATE UNIQUE INDEX searchable_by_message ON searchable (room_key, "offset");

-- Their words by that number, as the program cuts and folds them, with spaces between; _r and the room's key, _u and the sender's
-- id are words too. Every other letter of a word is no ASCII or a small letter or digit, so that this tokenizer changes nothing.
CREATE VIRTUAL TABLE searchable_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_'"
);

-- Up to where each room's log has been taken up.
CREATE TABLE index_positions (
    room_key BIGINT PRIMARY KEY NOT NULL,
    "offset" BIGINT NOT NULL
) WITHOUT ROWID;
