-- Messages that are sent later, or were refused when their time had come.
CREATE TABLE scheduled (
    id          TEXT PRIMARY KEY,
    user_id     BIGINT NOT NULL,
    -- The room's id, since it may be deleted meanwhile.
    room        TEXT NOT NULL,
    text        TEXT   NOT NULL,
    data        TEXT,
    reply_to    BIGINT,
    client_id   TEXT,
    send_at     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    -- When it is tried next, or until when a node has it for itself; nothing for one that was refused.
    due_at      BIGINT,
    -- Whether a node has it for itself until then.
    taken       BOOLEAN NOT NULL,
    -- How often it was tried in vain.
    attempts    BIGINT NOT NULL,
    failed_code TEXT,
    failed_at   BIGINT
);
CREATE INDEX scheduled_by_user ON scheduled (user_id, send_at, id);
CREATE INDEX scheduled_due ON scheduled (due_at, id) WHERE due_at IS NOT NULL;
