-- case: a view is made
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id, n + 1 AS m FROM t WHERE n > 3;
-- expect: statements=1 passes=1

-- case: a view is dropped
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- expect: statements=1
-- expect: contains=DROP VIEW `v`

-- case: a view changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT n, id FROM t;
-- expect: statements=1
-- expect: contains=CREATE OR REPLACE VIEW `v`

-- case: a view with names for its columns
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v (a, `b c`) AS SELECT id, n FROM t;
-- expect: statements=1

-- case: how a view is computed
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE ALGORITHM=TEMPTABLE VIEW v AS SELECT id FROM t;
-- expect: statements=1

-- case: whose rights a view uses
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE SQL SECURITY INVOKER VIEW v AS SELECT id FROM t;
-- expect: statements=1

-- case: what may be written through a view
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id FROM t WHERE id > 1;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id FROM t WHERE id > 1 WITH LOCAL CHECK OPTION;
-- expect: statements=1

-- case: views are made in their order
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW z AS SELECT id, n FROM t;
CREATE VIEW m AS SELECT z.id, z.n FROM z JOIN t ON t.id = z.id;
CREATE VIEW a AS SELECT id FROM (SELECT id FROM m UNION SELECT n FROM z) AS both_of;
-- expect: statements=3 passes=1

-- case: the order of views is turned round
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW a AS SELECT id FROM t;
CREATE VIEW b AS SELECT id FROM a;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW b AS SELECT id FROM t;
CREATE VIEW a AS SELECT id FROM b;
-- expect: passes=1

-- case: a view of a column that is added
-- from:
CREATE TABLE t (id int PRIMARY KEY);
CREATE VIEW v AS SELECT id FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id, n FROM t;
-- expect: statements=2 passes=1

-- case: a view of a column that goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id, n FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY);
CREATE VIEW v AS SELECT id FROM t;
-- expect: data-loss statements=2

-- case: a view of everything
-- from:
CREATE TABLE t (id int PRIMARY KEY);
CREATE VIEW v AS SELECT * FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT * FROM t;
-- expect: statements=2

-- case: a view that calls a function
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id int PRIMARY KEY);
CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN n * 2;
CREATE VIEW v AS SELECT twice(id) AS d FROM t;
-- expect: statements=2 passes=1

-- case: a view becomes a table
-- from:
CREATE VIEW v AS SELECT 1 AS id;
-- to:
CREATE TABLE v (id int PRIMARY KEY);
-- expect: statements=2

-- case: strings and names in a view
-- from:
CREATE TABLE t (id int PRIMARY KEY, n varchar(10));
-- to:
CREATE TABLE t (id int PRIMARY KEY, n varchar(10));
CREATE VIEW v AS SELECT n AS `a ``b`, 'it''s `x`.`y` \\ ' AS q FROM t WHERE n LIKE '%\_%';
-- expect: statements=1

-- case: a recursive view
-- from:
CREATE TABLE t (id int PRIMARY KEY, up int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, up int);
CREATE VIEW v AS WITH RECURSIVE w AS (SELECT id FROM t WHERE up IS NULL UNION ALL SELECT t.id FROM t JOIN w ON t.up = w.id) SELECT id FROM w;
-- expect: statements=1
