DROP TABLE audits;
ALTER TABLE members DROP COLUMN muted_until;
ALTER TABLE rooms DROP COLUMN slow_seconds;
ALTER TABLE rooms DROP COLUMN read_only;
