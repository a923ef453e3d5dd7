-- case: an empty database gets tables
-- from:
-- to:
CREATE TABLE p (id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE c (id int PRIMARY KEY, p int NOT NULL REFERENCES p ON DELETE CASCADE, n numeric(8,2) CHECK (n > 0));
CREATE INDEX ON c (p);
-- expect: statements=3 passes=1
-- expect: contains=CONSTRAINT c_p_fkey FOREIGN KEY (p) REFERENCES p(id) ON DELETE CASCADE

-- case: tables go
-- from:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p);
-- to:
-- expect: data-loss statements=2

-- case: two tables refer to each other
-- from:
-- to:
CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b) REFERENCES b;
-- expect: statements=3 passes=1

-- case: a table refers to itself
-- from:
-- to:
CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t);
-- expect: statements=1

-- case: a table refers to a column that comes with it
-- from:
CREATE TABLE p (id int PRIMARY KEY);
-- to:
CREATE TABLE p (id int PRIMARY KEY, code text UNIQUE); CREATE TABLE c (id int PRIMARY KEY, code text REFERENCES p (code));
-- expect: passes=1

-- case: in a schema of its own
-- from:
CREATE SCHEMA shop; CREATE TABLE shop.p (id int PRIMARY KEY);
-- to:
CREATE SCHEMA shop; CREATE TABLE shop.p (id int PRIMARY KEY, a text); CREATE TABLE shop.c (id int PRIMARY KEY, p int REFERENCES shop.p); CREATE INDEX c_p ON shop.c (p);
-- expect: contains=CREATE INDEX c_p ON shop.c (p)

-- case: options come, change and go
-- from:
CREATE TABLE t (id int PRIMARY KEY, a text) WITH (fillfactor = 70, autovacuum_enabled = false);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text) WITH (fillfactor = 80, parallel_workers = 2, toast.autovacuum_enabled = false);
-- expect: passes=1

-- case: a table with options
-- from:
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text) WITH (fillfactor = 80, toast.autovacuum_enabled = false);
-- expect: statements=1

-- case: logged and unlogged
-- from:
CREATE TABLE a (id int PRIMARY KEY); CREATE UNLOGGED TABLE b (id int PRIMARY KEY);
-- to:
CREATE UNLOGGED TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);
-- expect: statements=2

-- case: an unlogged table is made
-- from:
-- to:
CREATE UNLOGGED TABLE a (id int PRIMARY KEY);
-- expect: statements=1

-- case: replica identity
-- from:
CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, k int NOT NULL); CREATE UNIQUE INDEX b_k ON b (k); CREATE TABLE c (id int PRIMARY KEY);
ALTER TABLE a REPLICA IDENTITY FULL; ALTER TABLE c REPLICA IDENTITY NOTHING;
-- to:
CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, k int NOT NULL); CREATE UNIQUE INDEX b_k ON b (k); CREATE TABLE c (id int PRIMARY KEY);
ALTER TABLE b REPLICA IDENTITY USING INDEX b_k; ALTER TABLE c REPLICA IDENTITY FULL;
-- expect: statements=3

-- case: a new table with replica identity and clustering
-- from:
-- to:
CREATE TABLE b (id int PRIMARY KEY, k int NOT NULL, m int); CREATE UNIQUE INDEX b_k ON b (k); CREATE INDEX b_m ON b (m); ALTER TABLE b REPLICA IDENTITY USING INDEX b_k; ALTER TABLE b CLUSTER ON b_m;
-- expect: passes=1

-- case: a table without columns
-- from:
-- to:
CREATE TABLE t ();
-- expect: statements=1

-- case: a table of a type
-- from:
CREATE TYPE r AS (id int, name text);
-- to:
CREATE TYPE r AS (id int, name text); CREATE TABLE t OF r (id WITH OPTIONS DEFAULT 5 NOT NULL, PRIMARY KEY (id));
-- expect: passes=1

-- case: a table takes the place of a view
-- from:
CREATE TABLE a (id int PRIMARY KEY); CREATE VIEW t AS SELECT id FROM a;
-- to:
CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE t (id int);
-- expect: passes=1

-- case: a view takes the place of a table
-- from:
CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE t (id int); CREATE VIEW v AS SELECT id FROM t;
-- to:
CREATE TABLE a (id int PRIMARY KEY); CREATE VIEW t AS SELECT id FROM a; CREATE VIEW v AS SELECT id FROM t;
-- expect: data-loss passes=1

-- case: a table with all that belongs to it goes
-- from:
CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE); CREATE INDEX t_a ON t (a);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE VIEW v AS SELECT a FROM t; COMMENT ON TABLE t IS 'it'; CREATE STATISTICS s ON id, a FROM t;
-- to:
-- expect: data-loss statements=3 passes=1

-- case: columns need functions, and functions tables
-- from:
-- to:
CREATE FUNCTION next_code(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)';
CREATE TABLE t (id int PRIMARY KEY, code text DEFAULT next_code('a') CHECK (code = next_code(code)));
CREATE INDEX t_code ON t (next_code(code));
CREATE FUNCTION codes() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
CREATE VIEW v AS SELECT id FROM codes();
-- expect: passes=1

-- case: every kind of column
-- from:
-- to:
CREATE TABLE t (a smallint, b integer, c bigint, d numeric, e numeric(5,2), f real, g double precision, h money, i text, j varchar, k varchar(5), l char(3), m bytea, n date, o time, p time(3) with time zone, q timestamp(0), r timestamptz, s interval, t interval day to second(2), u boolean, v uuid, w json, x jsonb, y inet, z cidr, aa macaddr, bb bit(4), cc varbit(9), dd point, ee int4range, ff tsvector, gg xml, hh int[], ii text[][], jj oid, kk "char", ll name, mm pg_lsn, nn box, oo tsquery);
-- expect: statements=1
