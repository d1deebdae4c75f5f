-- Messages that are pinned, each with the event that did it, which says who and when.
CREATE TABLE pins (
    room_key BIGINT NOT NULL,
    message  BIGINT NOT NULL,
    "offset" BIGINT NOT NULL,
    PRIMARY KEY (room_key, message)
);
CREATE UNIQUE INDEX pins_by_event ON pins (room_key, "offset");
