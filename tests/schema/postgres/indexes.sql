-- case: an index comes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX t_a ON t (a);
-- expect: statements=1
-- expect: contains=CREATE INDEX t_a ON t (a);
-- expect: lacks=CONCURRENTLY

-- case: an index goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX t_a ON t (a);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- expect: statements=1
-- expect: contains=DROP INDEX t_a;

-- case: an index of other columns
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE INDEX t_a ON t (a);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE INDEX t_a ON t (b DESC NULLS LAST, a);
-- expect: statements=2

-- case: an index becomes unique
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX t_a ON t (a);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE UNIQUE INDEX t_a ON t (a);
-- expect: statements=2

-- case: every form of an index
-- from:
CREATE TABLE t (id int PRIMARY KEY, a text, b text COLLATE "C", c int, d int4range, e tsvector, f point, g jsonb, h int[]);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text, b text COLLATE "C", c int, d int4range, e tsvector, f point, g jsonb, h int[]);
CREATE INDEX i1 ON t (lower(a), (c + 1));
CREATE INDEX i2 ON t (a text_pattern_ops) WHERE c > 5 AND a IS NOT NULL;
CREATE INDEX i3 ON t USING hash (a);
CREATE INDEX i4 ON t USING gist (d);
CREATE INDEX i5 ON t USING gin (e) WITH (fastupdate = off);
CREATE INDEX i6 ON t USING gin (g jsonb_path_ops);
CREATE INDEX i7 ON t USING brin (c) WITH (pages_per_range = 16);
CREATE INDEX i8 ON t USING spgist (f);
CREATE INDEX i9 ON t (c) INCLUDE (a, b) WITH (fillfactor = 70);
CREATE UNIQUE INDEX i10 ON t (c) NULLS NOT DISTINCT;
CREATE INDEX i11 ON t (a COLLATE "C" DESC, b NULLS FIRST);
CREATE INDEX i12 ON t USING gist (d range_ops) WHERE NOT isempty(d);
-- expect: statements=12 passes=1

-- case: another name is a rename
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX old_name ON t (a) WHERE a > 5;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX "New Name" ON t (a) WHERE a > 5;
-- expect: statements=1
-- expect: contains=ALTER INDEX old_name RENAME TO "New Name";

-- case: two alike get other names
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i1 ON t (a); CREATE INDEX i2 ON t (a);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i3 ON t (a); CREATE INDEX i4 ON t (a);
-- expect: statements=2

-- case: an index moves to another table
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE u (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE u (id int PRIMARY KEY, a int); CREATE INDEX i ON u (a);
-- expect: statements=2

-- case: options of an index
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a) WITH (fillfactor = 50);
-- expect: any

-- case: statistics of an expression in an index
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t ((a + 1)); CREATE INDEX j ON t ((a + 2)); ALTER INDEX j ALTER COLUMN 1 SET STATISTICS 7;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t ((a + 1)); CREATE INDEX j ON t ((a + 2)); ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 500;
-- expect: statements=2

-- case: the table is clustered by another index
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a); CREATE INDEX j ON t (id, a); ALTER TABLE t CLUSTER ON i;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a); CREATE INDEX j ON t (id, a); ALTER TABLE t CLUSTER ON j;
-- expect: statements=1

-- case: the table is clustered no more
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a); ALTER TABLE t CLUSTER ON i;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a);
-- expect: statements=1
-- expect: contains=SET WITHOUT CLUSTER

-- case: an index that the table is clustered by is made anew
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a); ALTER TABLE t CLUSTER ON i; COMMENT ON INDEX i IS 'it';
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a, id); ALTER TABLE t CLUSTER ON i; COMMENT ON INDEX i IS 'it';
-- expect: passes=1

-- case: an index uses a function that changes its arguments
-- from:
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'; CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT f(1), CONSTRAINT c CHECK (f(a) > 0)); CREATE INDEX i ON t (f(a));
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE FUNCTION f(b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'; CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT f(1), CONSTRAINT c CHECK (f(a) > 0)); CREATE INDEX i ON t (f(a));
-- expect: statements=8 passes=1
