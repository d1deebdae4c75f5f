-- Which installation this database is: nodes of different ones that share a broker must not take one another's word.
CREATE TABLE installation (id TEXT NOT NULL PRIMARY KEY);
INSERT INTO installation (id) VALUES (lower(hex(randomblob(16))));
