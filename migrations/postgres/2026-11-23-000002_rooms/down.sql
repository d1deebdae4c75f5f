DROP TABLE messages;
DROP TABLE events;
DROP TABLE members;
DROP TABLE rooms;
