DROP TABLE operator_acts;
ALTER TABLE users DROP COLUMN admin;
