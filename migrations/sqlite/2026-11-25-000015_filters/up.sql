-- Which words are filtered in a room, and how: what becomes of a message, then the words, a line each. Nothing where none are.
ALTER TABLE rooms ADD COLUMN filter TEXT;
