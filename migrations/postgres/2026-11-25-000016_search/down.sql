DROP TABLE index_positions;
DROP TABLE searchable;
