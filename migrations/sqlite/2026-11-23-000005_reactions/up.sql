-- Reactions to messages. How many there are of each stands with the message, as a JSON list of pairs in the order in which
-- each came first: [["👍",2]].
ALTER TABLE messages ADD COLUMN reactions TEXT;

CREATE TABLE reactions (
    room_key BIGINT NOT NULL,
    message  BIGINT NOT NULL,
    reaction TEXT   NOT NULL,
    -- The event that put it there, which says when, and how the user was called.
    "offset" BIGINT NOT NULL,
    user_id  BIGINT NOT NULL,
    PRIMARY KEY (room_key, message, reaction, "offset")
) WITHOUT ROWID;
CREATE UNIQUE INDEX reactions_by_user ON reactions (room_key, user_id, message, reaction);
