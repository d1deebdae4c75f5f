-- When a token was used, and which one it was given for: an answer can be lost on its way, and the one it was for asks again.
ALTER TABLE refresh_tokens ADD COLUMN used_at BIGINT;
ALTER TABLE refresh_tokens ADD COLUMN parent BLOB;
