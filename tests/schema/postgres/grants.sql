-- case: grants on everything
-- from:
CREATE SCHEMA s;
CREATE TYPE mood AS ENUM ('ok');
CREATE DOMAIN d AS int;
CREATE SEQUENCE q;
CREATE TABLE t (id int PRIMARY KEY, n int, c text);
CREATE VIEW v AS SELECT id FROM t;
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE PROCEDURE p(a int) LANGUAGE sql AS $$ SELECT 1 $$;
CREATE AGGREGATE total(numeric) (SFUNC = numeric_add, STYPE = numeric);
-- to:
CREATE SCHEMA s;
GRANT USAGE ON SCHEMA s TO pairs_reader;
CREATE TYPE mood AS ENUM ('ok');
REVOKE USAGE ON TYPE mood FROM PUBLIC;
GRANT USAGE ON TYPE mood TO pairs_reader;
CREATE DOMAIN d AS int;
GRANT USAGE ON DOMAIN d TO pairs_reader WITH GRANT OPTION;
CREATE SEQUENCE q;
GRANT USAGE, SELECT ON SEQUENCE q TO pairs_reader;
CREATE TABLE t (id int PRIMARY KEY, n int, c text);
GRANT SELECT ON t TO pairs_reader WITH GRANT OPTION;
GRANT INSERT, UPDATE ON t TO pairs_writer;
GRANT UPDATE (n), REFERENCES (id) ON t TO pairs_reader;
GRANT SELECT ON t TO PUBLIC;
CREATE VIEW v AS SELECT id FROM t;
GRANT SELECT ON v TO pairs_reader;
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
GRANT SELECT ON m TO pairs_reader;
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION f(int) TO pairs_reader;
CREATE PROCEDURE p(a int) LANGUAGE sql AS $$ SELECT 1 $$;
GRANT EXECUTE ON PROCEDURE p(int) TO pairs_reader;
CREATE AGGREGATE total(numeric) (SFUNC = numeric_add, STYPE = numeric);
GRANT EXECUTE ON FUNCTION total(numeric) TO pairs_reader;
-- expect: privileges

-- case: grants change and go
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
GRANT SELECT, INSERT, DELETE ON t TO pairs_reader WITH GRANT OPTION;
GRANT UPDATE ON t TO pairs_writer;
GRANT UPDATE (n) ON t TO PUBLIC;
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
GRANT SELECT ON t TO pairs_reader;
GRANT INSERT ON t TO pairs_reader WITH GRANT OPTION;
GRANT UPDATE ON t TO pairs_writer WITH GRANT OPTION;
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
-- expect: privileges
-- expect: contains=REVOKE GRANT OPTION FOR SELECT ON TABLE t FROM pairs_reader

-- case: grants survive what is dropped and made again
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id, n FROM t;
GRANT SELECT ON v TO pairs_reader;
GRANT UPDATE (n) ON v TO pairs_writer;
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC;
CREATE TYPE mood AS ENUM ('a', 'b');
GRANT USAGE ON TYPE mood TO pairs_reader;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n bigint);
CREATE VIEW v AS SELECT id, n FROM t;
GRANT SELECT ON v TO pairs_reader;
GRANT UPDATE (n) ON v TO pairs_writer;
CREATE FUNCTION f(a int) RETURNS text LANGUAGE sql AS $$ SELECT '1' $$;
REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC;
CREATE TYPE mood AS ENUM ('b', 'a');
GRANT USAGE ON TYPE mood TO pairs_reader;
-- expect: privileges

-- case: default privileges
-- from:
CREATE SCHEMA s;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO pairs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT USAGE ON SEQUENCES TO pairs_reader;
-- to:
CREATE SCHEMA s;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT, INSERT ON TABLES TO pairs_reader WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO pairs_writer;
-- expect: privileges

-- case: grants are not compared unless asked for
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id int PRIMARY KEY);
GRANT SELECT ON t TO PUBLIC;
-- expect: informs
