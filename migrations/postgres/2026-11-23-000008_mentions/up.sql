-- Members are found by their names. In lower case: what is compared.
ALTER TABLE members ADD COLUMN username_key TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE members SET username_key = lower(username);
CREATE INDEX members_by_name ON members (room_key, username_key);

-- Whom a message calls, in JSON: {"users":[…],"room":true,"here":[1,2]}.
ALTER TABLE messages ADD COLUMN mentions TEXT;

-- The same by user, to be counted; the user 0 stands for all members.
CREATE TABLE mentions (
    user_id   BIGINT NOT NULL,
    room_key  BIGINT NOT NULL,
    "offset"  BIGINT NOT NULL,
    sender_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, room_key, "offset")
);
CREATE INDEX mentions_by_message ON mentions (room_key, "offset");
