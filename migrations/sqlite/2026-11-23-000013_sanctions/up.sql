-- Who is muted in a room or banned from it, and until when; it outlasts their membership. A term that has passed means nothing.
CREATE TABLE sanctions (
    room_key     BIGINT NOT NULL,
    user_id      BIGINT NOT NULL,
    -- The user as they were called then.
    username     TEXT   NOT NULL,
    display_name TEXT   NOT NULL,
    muted_until  BIGINT,
    -- Nothing for one who is not banned; the greatest number for ever.
    banned_until BIGINT,
    reason       TEXT   NOT NULL,
    PRIMARY KEY (room_key, user_id)
) WITHOUT ROWID;
