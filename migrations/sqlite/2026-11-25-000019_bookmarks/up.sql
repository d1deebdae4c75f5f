-- Messages that users keep for themselves, each with a note, which may be empty.
CREATE TABLE bookmarks (
    room_key   BIGINT NOT NULL,
    message    BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    note       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (room_key, message, user_id)
) WITHOUT ROWID;
CREATE INDEX bookmarks_by_user ON bookmarks (user_id, created_at);
