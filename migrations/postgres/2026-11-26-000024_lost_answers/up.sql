-- Which token a refresh token was given for: its answer can be lost on the way, and whoever it was for asks again. And when it was
-- used: it is forgotten a term after that.
ALTER TABLE refresh_tokens ADD COLUMN parent BYTEA;
ALTER TABLE refresh_tokens ADD COLUMN used_at BIGINT;
CREATE INDEX refresh_tokens_by_use ON refresh_tokens (used_at) WHERE used_at IS NOT NULL;
