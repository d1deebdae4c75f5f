-- Rooms where moderators alone write, and where others wait between their messages, in seconds.
ALTER TABLE rooms ADD COLUMN read_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE rooms ADD COLUMN slow_seconds BIGINT NOT NULL DEFAULT 0;

-- Until when a member may not write.
ALTER TABLE members ADD COLUMN muted_until BIGINT;

-- Which events are acts of moderators. The log has them; this finds them.
CREATE TABLE audits (
    room_key BIGINT NOT NULL,
    "offset" BIGINT NOT NULL,
    PRIMARY KEY (room_key, "offset")
);
