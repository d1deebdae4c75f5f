-- Messages are edited and deleted. A deleted one keeps its row, empty.
ALTER TABLE messages ADD COLUMN edited_at BIGINT;
ALTER TABLE messages ADD COLUMN deleted_at BIGINT;

-- What messages said before. Who replaced it and when is said by the event at "offset".
CREATE TABLE versions (
    room_key BIGINT NOT NULL,
    message  BIGINT NOT NULL,
    "offset" BIGINT NOT NULL,
    text     TEXT   NOT NULL,
    data     TEXT,
    PRIMARY KEY (room_key, message, "offset")
) WITHOUT ROWID;
