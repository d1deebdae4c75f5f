-- Who is an administrator of the whole server.
ALTER TABLE users ADD COLUMN admin BOOLEAN NOT NULL DEFAULT FALSE;

-- What administrators have done. Nothing changes or removes a row.
CREATE TABLE operator_acts (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at                 BIGINT NOT NULL,
    -- The administrator, and the user to whom it was done if it was to one, as they were called then.
    actor_id           BIGINT NOT NULL,
    actor_username     TEXT   NOT NULL,
    actor_display_name TEXT   NOT NULL,
    act                TEXT   NOT NULL,
    user_id            BIGINT,
    username           TEXT,
    display_name       TEXT,
    -- Where, and what else there is to say.
    room               TEXT,
    message            BIGINT,
    detail             TEXT
);

-- Finds the reports of all rooms that wait, the oldest first.
CREATE INDEX reports_waiting_anywhere ON reports (reported_at, room_key, message, reporter_id) WHERE settled_at IS NULL;
