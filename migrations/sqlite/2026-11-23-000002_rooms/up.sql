-- Rooms, their members, and their logs. Times are microseconds since 1970, UTC. Users are named by the ids of
-- whoever keeps the accounts, so nothing here refers to a table of users.

CREATE TABLE rooms (
    key          INTEGER PRIMARY KEY NOT NULL,
    id           TEXT    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    topic        TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    owner_id     BIGINT  NOT NULL,
    epoch        TEXT    NOT NULL,
    -- The last event of the log.
    "offset"     BIGINT  NOT NULL,
    member_count BIGINT  NOT NULL,
    -- A deleted room keeps its row, so that its id is never given again.
    deleted_at   BIGINT,
    -- Up to where a deleted room's log has been removed.
    purged       BIGINT  NOT NULL
);
CREATE INDEX rooms_by_kind ON rooms (kind, deleted_at, id);
CREATE INDEX rooms_by_owner ON rooms (owner_id, deleted_at);
CREATE INDEX rooms_deleted ON rooms (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE members (
    room_key     BIGINT NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    user_id      BIGINT NOT NULL,
    username     TEXT   NOT NULL,
    display_name TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    joined_at    BIGINT NOT NULL,
    PRIMARY KEY (room_key, user_id)
) WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_id, room_key);

-- The log. Offsets are given by the transaction that inserts; a room's have no gap. Rooms are never removed, so
-- that no foreign key need be checked for each event.
CREATE TABLE events (
    room_key           BIGINT NOT NULL,
    "offset"           BIGINT NOT NULL,
    at                 BIGINT NOT NULL,
    -- The actor as they were called then.
    actor_id           BIGINT NOT NULL,
    actor_username     TEXT   NOT NULL,
    actor_display_name TEXT   NOT NULL,
    kind               TEXT   NOT NULL,
    -- What else there is to say, in JSON; nothing for a message, which has a row in messages.
    body               TEXT,
    PRIMARY KEY (room_key, "offset")
) WITHOUT ROWID;

-- Messages as they stand. Sender and time are those of the event at the same offset.
CREATE TABLE messages (
    room_key  BIGINT NOT NULL,
    "offset"  BIGINT NOT NULL,
    sender_id BIGINT NOT NULL,
    text      TEXT   NOT NULL,
    data      TEXT,
    reply_to  BIGINT,
    client_id TEXT,
    PRIMARY KEY (room_key, "offset")
) WITHOUT ROWID;
CREATE UNIQUE INDEX messages_by_client_id ON messages (room_key, sender_id, client_id)
    WHERE client_id IS NOT NULL;
