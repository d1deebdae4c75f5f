-- What users say of themselves, and when they were there last.
CREATE TABLE statuses (
    user_id   BIGINT  PRIMARY KEY NOT NULL,
    text      TEXT    NOT NULL,
    -- Whether others are not shown that the user is there.
    hidden    BOOLEAN NOT NULL,
    last_seen BIGINT
);
