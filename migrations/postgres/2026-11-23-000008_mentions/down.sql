DROP TABLE mentions;
ALTER TABLE messages DROP COLUMN mentions;
DROP INDEX members_by_name;
ALTER TABLE members DROP COLUMN username_key;
