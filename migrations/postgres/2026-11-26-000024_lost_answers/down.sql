DROP INDEX refresh_tokens_by_use;
ALTER TABLE refresh_tokens DROP COLUMN used_at;
ALTER TABLE refresh_tokens DROP COLUMN parent;
