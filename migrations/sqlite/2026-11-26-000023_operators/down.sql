DROP INDEX reports_waiting_anywhere;
DROP TABLE operator_acts;
ALTER TABLE users DROP COLUMN admin;
