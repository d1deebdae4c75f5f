DROP TABLE index_positions;
DROP TABLE searchable_words;
DROP TABLE searchable;
