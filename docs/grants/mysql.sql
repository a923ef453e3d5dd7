-- The least rights that dbfleet needs on a MySQL or MariaDB database, for two users:
--   dbfleet_migrator  upgrades, downgrades, stamps
--   dbfleet_reader    plan, status, current
--
-- In each target's database, as an administrator:
--   mariadb shop < mysql.sql           makes the users
--   dbfleet ensure-version -l shop     as dbfleet_migrator: makes dbfleet's two tables
--   mariadb shop < mysql.sql           again: now the reader may read them
-- Give the users passwords, and narrow the host '%', as usual. For another version table, change the names here.

CREATE USER IF NOT EXISTS 'dbfleet_migrator'@'%';
CREATE USER IF NOT EXISTS 'dbfleet_reader'@'%';

-- dbfleet itself makes its two tables and reads and writes them: CREATE, SELECT, INSERT, UPDATE, DELETE. The others are what revisions with
-- tables, indexes and foreign keys need (REFERENCES: MySQL only); add CREATE VIEW, TRIGGER, CREATE ROUTINE, ALTER ROUTINE, EVENT, … if yours need them.
GRANT CREATE, SELECT, INSERT, UPDATE, DELETE, ALTER, DROP, INDEX, REFERENCES ON * TO 'dbfleet_migrator'@'%';

-- Optional: with it, reports name the session that holds a lock which a revision waits for, and "dbfleet doctor" finds
-- transactions left open. For metadata locks MariaDB also needs INSTALL SONAME 'metadata_lock_info', once for the server; without
-- it sessions with an open transaction are named as "perhaps".
-- GRANT PROCESS ON *.* TO 'dbfleet_migrator'@'%';

-- For backups with mariadb-dump or mysqldump (the second on MariaDB; MySQL: GRANT SHOW_ROUTINE ON *.*):
-- GRANT SHOW VIEW, TRIGGER, EVENT ON * TO 'dbfleet_migrator'@'%';
-- GRANT SELECT ON mysql.proc TO 'dbfleet_migrator'@'%';

-- The reader reads dbfleet's tables, and nothing else.
SET @tables_exist = (SELECT COUNT(*) FROM information_schema.tables
                     WHERE table_schema = DATABASE() AND table_name IN ('dbfleet_version', 'dbfleet_version_history')) = 2;
SET @grant_version = IF(@tables_exist, "GRANT SELECT ON dbfleet_version TO 'dbfleet_reader'@'%'", 'DO 0');
SET @grant_history = IF(@tables_exist, "GRANT SELECT ON dbfleet_version_history TO 'dbfleet_reader'@'%'", 'DO 0');
PREPARE grant_version FROM @grant_version;
EXECUTE grant_version;
PREPARE grant_history FROM @grant_history;
EXECUTE grant_history;
