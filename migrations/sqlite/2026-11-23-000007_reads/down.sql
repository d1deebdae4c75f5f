ALTER TABLE members DROP COLUMN read_offset;
