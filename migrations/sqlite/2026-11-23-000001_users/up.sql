-- Accounts, their log-ins (sessions) and the tokens that renew them. Times are microseconds since 1970, UTC.

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    username      TEXT    NOT NULL,
    -- In lower case: what is compared, where the other is shown.
    username_key  TEXT    NOT NULL UNIQUE,
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    display_name  TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    disabled_at   BIGINT
);

-- A session that has ended is not there. AUTOINCREMENT: a token of an ended one must not fit a later one.
CREATE TABLE sessions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id      BIGINT  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    label        TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    last_used_at BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, last_used_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Hashes only. Used ones stay as long as their session, so that a second use is seen.
CREATE TABLE refresh_tokens (
    hash       BLOB    PRIMARY KEY NOT NULL,
    session_id BIGINT  NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    used       BOOLEAN NOT NULL
) WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
