0-- Statements that PostgreSQL 15 parses, in every shape that could mislead a splitter.
SELECT 1;
SELECT 'a;b', 'it''s', E'a\';b\\', U&'d\0061t;a', N'n;', B'01', X'1F';
SELECT E'first'

  '\';second' AS continued;
SELECT 'plain\' AS backslash;
SELECT 'plain'
'\' AS continued_plain;
SELECT "quo;""ted", U&"id\0061;" FROM "t;";
SELECT $$ ; ' " -- $$ , $tag$ $$;$other$ ; $tag$, $é$;$é$;
PREPARE p(int) AS SELECT $1;
SELECT a$b$c FROM t;
SELECT 1 /* ; /* nested ; */ ' ; */ + 2 -- ; trailing
;
SELECT 1 - -2, 3 */* ; */ 4, 5 -- ;
 - 6;
;;
/* only a comment ; */
CREATE RULE r AS ON UPDATE TO t DO INSTEAD (INSERT INTO a VALUES (1); DELETE FROM b WHERE x = ')'; );
CREATE OR REPLACE RULE r2 AS ON DELETE TO t DO ALSO (SELECT 1; SELECT (2); ; );
CREATE FUNCTION f(x int DEFAULT 1) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT x; END;
CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (CASE WHEN 1 = 1 THEN 2 ELSE 3 END); END;
CREATE FUNCTION g() RETURNS int
  BEGIN /* between */ ATOMIC
    SELECT CASE a WHEN 1 THEN CASE WHEN b THEN 1 END END AS end FROM t;
    SELECT t.end, (SELECT 1) AS case FROM t;
  END;
CREATE FUNCTION h() RETURNS int BEGIN ATOMIC END;
CREATE FUNCTION i() RETURNS int RETURN CASE WHEN true THEN 1 END;
CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'begin atomic; end';
CREATE FUNCTION j() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  EXECUTE $q$ SELECT ';' $q$;
  RETURN NEW; -- END;
END;
$body$;
DO $$ BEGIN PERFORM 1; END $$;
BEGIN; SELECT 1; END;
BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE; COMMIT AND CHAIN; ROLLBACK;
CREATE TABLE begin (atomic int, "end" int);
CREATE TABLE t (a int CHECK (a > 0), b text DEFAULT ';', CONSTRAINT c UNIQUE (a, b));
WITH x AS (DELETE FROM t RETURNING *), y(a) AS (VALUES (1), (2)) INSERT INTO u SELECT * FROM x;
COPY t FROM '/tmp/x'; COPY (SELECT ';') TO STDOUT; COPY t TO STDOUT WITH (FORMAT csv, DELIMITER ';');
CREATE INDEX CONCURRENTLY i ON t USING btree ((lower(b)), a DESC) WHERE b <> ';';
SELECT a->'b'->>'c;', a #>> '{x;y}', a @> '{"k": ";"}'::jsonb, a::text[], (ARRAY[1,2,3])[1:2] FROM j;
SELECT * FROM t WHERE a !~~ 'x;' AND b OPERATOR(pg_catalog.=) ';' AND c IS DISTINCT FROM d;
CREATE OPERATOR @#@ (LEFTARG = int, RIGHTARG = int, FUNCTION = f);
COMMENT ON COLUMN t.a IS 'x; y';
ALTER TYPE mood ADD VALUE 'so;so' BEFORE 'happy';
EXPLAIN (ANALYZE, FORMAT json) SELECT 1;
CREATE POLICY p ON t USING (a = current_setting('x;y')::int);
LISTEN channel; NOTIFY channel, 'payload;';
SET search_path TO a, "b;", pg_catalog; RESET ALL;
SELECT 1.5e10, .5, 1e5, 0.1, 1E5 AS e;
SELECT 'last one has no terminator' -- ;
