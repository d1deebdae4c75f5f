DROP INDEX rooms_by_retention;
ALTER TABLE rooms DROP COLUMN "first";
ALTER TABLE rooms DROP COLUMN retention_seconds;
