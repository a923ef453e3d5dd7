-- case: views come in the order of their needs
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW z AS SELECT id, a FROM t; CREATE VIEW a AS SELECT id FROM z WHERE a > 5;
-- expect: statements=2 passes=1

-- case: views go
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW z AS SELECT id, a FROM t; CREATE VIEW a AS SELECT id FROM z WHERE a > 5;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- expect: statements=2

-- case: a view changes its condition
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id FROM t WHERE a > 5; CREATE VIEW w AS SELECT id FROM v;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id FROM t WHERE a > 6; CREATE VIEW w AS SELECT id FROM v;
-- expect: statements=1
-- expect: contains=CREATE OR REPLACE VIEW v AS

-- case: a view gets a column at its end
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id FROM t; CREATE VIEW w AS SELECT id FROM v;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id, a FROM t; CREATE VIEW w AS SELECT id, a FROM v;
-- expect: any

-- case: a view gets a column in front
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id FROM t; CREATE VIEW w AS SELECT id FROM v;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT a, id FROM t; CREATE VIEW w AS SELECT id FROM v;
-- expect: statements=4 passes=1

-- case: a view uses a column that comes
-- from:
CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id, a FROM t;
-- expect: statements=2 passes=1

-- case: a view loses a column with its table
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id, a FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t;
-- expect: data-loss statements=3 passes=1

-- case: options of a view
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v WITH (security_barrier) AS SELECT id FROM t WHERE a > 5; CREATE VIEW w AS SELECT id FROM t WHERE a > 6;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id FROM t WHERE a > 5 WITH CASCADED CHECK OPTION; CREATE VIEW w WITH (security_invoker = true) AS SELECT id FROM t WHERE a > 6 WITH LOCAL CHECK OPTION;
-- expect: passes=1

-- case: a view with options changes its text
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v WITH (security_barrier) AS SELECT id FROM t WHERE a > 5 WITH LOCAL CHECK OPTION;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v WITH (security_barrier) AS SELECT id FROM t WHERE a > 6 WITH LOCAL CHECK OPTION;
-- expect: statements=1

-- case: defaults of a view's columns
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE VIEW v AS SELECT id, a, b FROM t; ALTER VIEW v ALTER b SET DEFAULT 1;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE VIEW v AS SELECT id, a, b FROM t; ALTER VIEW v ALTER a SET DEFAULT 5;
-- expect: statements=2

-- case: a view that is made anew keeps what is on it
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id, a FROM t; ALTER VIEW v ALTER a SET DEFAULT 5; COMMENT ON VIEW v IS 'it'; COMMENT ON COLUMN v.a IS 'a';
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TRIGGER g INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();
-- to:
CREATE TABLE t (id int PRIMARY KEY, a bigint); CREATE VIEW v AS SELECT id, a FROM t; ALTER VIEW v ALTER a SET DEFAULT 5; COMMENT ON VIEW v IS 'it'; COMMENT ON COLUMN v.a IS 'a';
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TRIGGER g INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();
-- expect: passes=1

-- case: a recursive view with UNION and a window
-- from:
CREATE TABLE t (id int PRIMARY KEY, parent int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, parent int);
CREATE RECURSIVE VIEW r (id, depth) AS SELECT id, 1 FROM t WHERE parent IS NULL UNION ALL SELECT t.id, r.depth + 1 FROM t JOIN r ON t.parent = r.id;
CREATE VIEW w AS SELECT id, rank() OVER (PARTITION BY parent ORDER BY id DESC) AS place FROM t;
-- expect: statements=2

-- case: a function over a view, and a view over the function
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id FROM t;
CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'SELECT * FROM v'; CREATE VIEW w AS SELECT id FROM f();
-- expect: statements=3 passes=1

-- case: a view in another schema and quoted names
-- from:
CREATE SCHEMA "S"; CREATE TABLE "S"."T" ("Id" int PRIMARY KEY);
-- to:
CREATE SCHEMA "S"; CREATE TABLE "S"."T" ("Id" bigint PRIMARY KEY); CREATE VIEW "S"."V w" AS SELECT "Id" AS "x y" FROM "S"."T";
-- expect: passes=1
