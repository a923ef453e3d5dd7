-- case: functions and procedures come
-- from:
-- to:
CREATE FUNCTION f(a int, b text DEFAULT 'x', OUT c int, VARIADIC d int[] DEFAULT '{}') LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER COST 5 SET work_mem = '5MB' AS $f$ BEGIN c := a; END $f$;
CREATE FUNCTION g() RETURNS TABLE (x int, y text) LANGUAGE sql ROWS 7 PARALLEL SAFE LEAKPROOF AS $$ SELECT 1, 'it''s $body$' $$;
CREATE PROCEDURE p(a int, INOUT b text) LANGUAGE plpgsql AS $$ BEGIN b := 'x'; END $$;
CREATE FUNCTION h(int) RETURNS int IMMUTABLE BEGIN ATOMIC SELECT $1 + 1; END;
-- expect: statements=4 passes=1

-- case: functions and procedures go
-- from:
CREATE FUNCTION f(a int, b text DEFAULT 'x', OUT c int) LANGUAGE plpgsql AS $f$ BEGIN c := a; END $f$;
CREATE FUNCTION f(VARIADIC a text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE p(a int, INOUT b text) LANGUAGE plpgsql AS $$ BEGIN b := 'x'; END $$;
CREATE FUNCTION "F"("A" int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to:
-- expect: statements=4

-- case: a body changes
-- from:
CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$; CREATE VIEW v AS SELECT f(1) AS x;
-- to:
CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 2; END $$; CREATE VIEW v AS SELECT f(1) AS x;
-- expect: statements=1
-- expect: contains=CREATE OR REPLACE FUNCTION f(a integer)

-- case: flags change
-- from:
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
-- to:
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 3 SET search_path = '' AS 'SELECT 1'; CREATE PROCEDURE p() LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
-- expect: statements=2

-- case: the result changes
-- from:
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT f(1) AS x;
-- to:
CREATE FUNCTION f(a int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'; CREATE VIEW v AS SELECT f(1) AS x;
-- expect: statements=4 passes=1

-- case: an argument gets another name
-- from:
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to:
CREATE FUNCTION f(b int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- expect: statements=2

-- case: a default of an argument comes, and goes
-- from:
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION g(a int DEFAULT 1, b text DEFAULT 'a, b') RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to:
CREATE FUNCTION f(a int DEFAULT 5) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION g(a int, b text DEFAULT 'a, b') RETURNS int LANGUAGE sql AS 'SELECT 1';
-- expect: statements=3

-- case: other arguments make another function
-- from:
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to:
CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- expect: statements=2

-- case: a function becomes a procedure
-- from:
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to:
CREATE PROCEDURE f(a int) LANGUAGE sql AS 'SELECT 1';
-- expect: statements=2 passes=1

-- case: a function takes a row of a table
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text); CREATE TABLE u (id int PRIMARY KEY, w t);
CREATE FUNCTION f(t) RETURNS text LANGUAGE sql AS 'SELECT $1.a'; CREATE VIEW v AS SELECT f(t) AS a FROM t;
-- expect: passes=1

-- case: a function with a body that is parsed depends on a column
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE FUNCTION f() RETURNS bigint BEGIN ATOMIC SELECT sum(a) FROM t; END;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a smallint); CREATE FUNCTION f() RETURNS bigint BEGIN ATOMIC SELECT sum(a) FROM t; END;
-- expect: passes=1

-- case: functions that call each other by name
-- from:
-- to:
CREATE FUNCTION b() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION a() RETURNS int LANGUAGE sql AS 'SELECT b()'; CREATE FUNCTION c() RETURNS int LANGUAGE sql AS 'SELECT a() + b()';
-- expect: statements=3

-- case: a function in a schema of its own
-- from:
CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a');
-- to:
CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE FUNCTION s.f(s.e) RETURNS s.e LANGUAGE sql AS 'SELECT $1'; CREATE FUNCTION s.f(int) RETURNS s.e LANGUAGE sql AS $$ SELECT 'a'::s.e $$;
-- expect: statements=2

-- case: a function that a default needs reads a table that comes with it
-- from:
-- to:
SET check_function_bodies = off;
CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT id FROM person WHERE name = current_user $$;
CREATE TABLE person (id int PRIMARY KEY, name text, made_by int DEFAULT mine());
-- expect: contains=SET LOCAL check_function_bodies = off
