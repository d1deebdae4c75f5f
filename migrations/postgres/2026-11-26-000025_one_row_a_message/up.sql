-- A message is one row: who sent it and when stand with it. The table of events has what happened besides; a log is both, in the
-- order of their offsets, which no two of them share.

-- What another node committed meanwhile would be lost. In the order in which senders take them.
LOCK TABLE rooms, events, messages IN ACCESS EXCLUSIVE MODE;
-- Whole tables are read here, which our connections do nowhere else.
SET LOCAL enable_seqscan = on;
SET LOCAL enable_hashjoin = on;
SET LOCAL enable_mergejoin = on;

CREATE TABLE messages_in_one (
    room_key            BIGINT NOT NULL,
    "offset"            BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    sender_id           BIGINT NOT NULL,
    -- The sender as they were called then.
    sender_username     TEXT   NOT NULL,
    sender_display_name TEXT   NOT NULL,
    text                TEXT   NOT NULL,
    data                TEXT,
    reply_to            BIGINT,
    client_id           TEXT   COLLATE "C",
    quote               TEXT,
    thread              BIGINT,
    mentions            TEXT,
    withheld            BOOLEAN,
    expires_at          BIGINT,
    attachments         TEXT,
    -- What comes to it later.
    edited_at           BIGINT,
    deleted_at          BIGINT,
    reactions           TEXT,
    replies             BIGINT,
    last_reply          BIGINT
);
INSERT INTO messages_in_one
    SELECT m.room_key, m."offset", e.at, e.actor_id, e.actor_username, e.actor_display_name, m.text, m.data, m.reply_to,
        m.client_id, m.quote, m.thread, m.mentions, m.withheld, m.expires_at, m.attachments, m.edited_at, m.deleted_at,
        m.reactions, m.replies, m.last_reply
    FROM messages AS m JOIN events AS e ON e.room_key = m.room_key AND e."offset" = m."offset"
    ORDER BY m.room_key, m."offset";
DROP TABLE messages;
ALTER TABLE messages_in_one RENAME TO messages;
ALTER TABLE messages ADD PRIMARY KEY (room_key, "offset");
CREATE UNIQUE INDEX messages_by_client_id ON messages (room_key, sender_id, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX messages_by_thread ON messages (room_key, thread, "offset") WHERE thread IS NOT NULL;
CREATE INDEX messages_by_expiry ON messages (expires_at) WHERE expires_at IS NOT NULL;

-- Copied, since most of them go.
CREATE TABLE other_events (
    room_key           BIGINT NOT NULL,
    "offset"           BIGINT NOT NULL,
    at                 BIGINT NOT NULL,
    -- The actor as they were called then.
    actor_id           BIGINT NOT NULL,
    actor_username     TEXT   NOT NULL,
    actor_display_name TEXT   NOT NULL,
    kind               TEXT   COLLATE "C" NOT NULL,
    -- What else there is to say, in JSON.
    body               TEXT
);
INSERT INTO other_events SELECT * FROM events WHERE kind <> 'message.created' ORDER BY room_key, "offset";
DROP TABLE events;
ALTER TABLE other_events RENAME TO events;
ALTER TABLE events ADD PRIMARY KEY (room_key, "offset");
