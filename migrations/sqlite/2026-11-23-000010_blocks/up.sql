-- Who wants to have no direct messages of whom.
CREATE TABLE blocks (
    user_id      BIGINT NOT NULL,
    blocked_id   BIGINT NOT NULL,
    -- The blocked user as they were called then.
    username     TEXT   NOT NULL,
    display_name TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
) WITHOUT ROWID;

-- Whether only the sender is shown what a message says.
ALTER TABLE messages ADD COLUMN withheld BOOLEAN;
