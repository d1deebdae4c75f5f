ALTER TABLE refresh_tokens DROP COLUMN parent;
ALTER TABLE refresh_tokens DROP COLUMN used_at;
