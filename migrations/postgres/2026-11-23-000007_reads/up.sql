-- Up to where each member has read their room's log.
ALTER TABLE members ADD COLUMN read_offset BIGINT NOT NULL DEFAULT 0;
UPDATE members SET read_offset = (SELECT r."offset" FROM rooms AS r WHERE r.key = members.room_key);
