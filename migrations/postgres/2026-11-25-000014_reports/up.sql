-- Messages that were brought before the moderators of their room. Nobody else is told, so these are no events.
CREATE TABLE reports (
    room_key             BIGINT NOT NULL,
    message              BIGINT NOT NULL,
    -- 0 for a filter, which has no name.
    reporter_id          BIGINT NOT NULL,
    reporter_username    TEXT   NOT NULL,
    reporter_display_name TEXT  NOT NULL,
    reported_at          BIGINT NOT NULL,
    reason               TEXT   NOT NULL,
    -- What the message said then.
    text                 TEXT   NOT NULL,
    -- Nothing as long as it waits.
    settled_at           BIGINT,
    verdict              TEXT,
    note                 TEXT,
    settler_id           BIGINT,
    settler_username     TEXT,
    settler_display_name TEXT,
    PRIMARY KEY (room_key, message, reporter_id, reported_at)
);

-- One of a reporter about a message waits at a time; these are what one reporter waits for.
CREATE UNIQUE INDEX reports_waiting_of ON reports (reporter_id, room_key, message) WHERE settled_at IS NULL;
CREATE INDEX reports_waiting ON reports (room_key, reported_at, message, reporter_id) WHERE settled_at IS NULL;
CREATE INDEX reports_settled ON reports (room_key, settled_at, message, reporter_id) WHERE settled_at IS NOT NULL;
