-- case: an enum whose labels came one by one
-- from:
CREATE TYPE mood AS ENUM ('b');
ALTER TYPE mood ADD VALUE 'd';
ALTER TYPE mood ADD VALUE 'c' BEFORE 'd';
ALTER TYPE mood ADD VALUE 'x' BEFORE 'b';
ALTER TYPE mood RENAME VALUE 'x' TO 'a';
CREATE TABLE t (id int PRIMARY KEY, m mood);
-- rows:
-- to:
CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd');
CREATE TABLE t (id int PRIMARY KEY, m mood);
-- expect: informs

-- case: a composite type that lost a field, a domain that lost a constraint
-- from:
CREATE TYPE c AS (gone int, a int);
ALTER TYPE c DROP ATTRIBUTE gone;
ALTER TYPE c ADD ATTRIBUTE b text;
CREATE DOMAIN d AS int CONSTRAINT gone CHECK (VALUE < 9) DEFAULT 4;
ALTER DOMAIN d DROP CONSTRAINT gone;
ALTER DOMAIN d ADD CONSTRAINT kept CHECK (VALUE > 0);
ALTER DOMAIN d DROP DEFAULT;
-- rows:
-- to:
CREATE TYPE c AS (a int, b text);
CREATE DOMAIN d AS int CONSTRAINT kept CHECK (VALUE > 0);
-- expect: informs

-- case: objects made in another order, under other names, with columns dropped before
-- from:
CREATE VIEW junk AS SELECT 1 AS one;
CREATE TABLE old_name (gone int, id int PRIMARY KEY, n int, also_gone text);
ALTER TABLE old_name DROP COLUMN gone;
ALTER TABLE old_name DROP COLUMN also_gone;
ALTER TABLE old_name RENAME TO t;
ALTER INDEX old_name_pkey RENAME TO t_pkey;
CREATE STATISTICS st (mcv) ON id, n FROM t;
CREATE POLICY p ON t USING (n > 0);
CREATE RULE r AS ON DELETE TO t WHERE OLD.n > 0 DO INSTEAD NOTHING;
CREATE SEQUENCE old_s START 5;
ALTER SEQUENCE old_s RENAME TO s;
SELECT nextval('s');
CREATE PUBLICATION pub FOR TABLE t (n, id) WHERE (n > 0);
COMMENT ON COLUMN t.n IS 'n';
ALTER TABLE t ADD COLUMN more int;
ALTER TABLE t DROP COLUMN more;
DROP VIEW junk;
-- rows:
-- to:
CREATE SEQUENCE s START 5;
CREATE TABLE t (id int PRIMARY KEY, n int);
COMMENT ON COLUMN t.n IS 'n';
CREATE PUBLICATION pub FOR TABLE t (id, n) WHERE (n > 0);
CREATE RULE r AS ON DELETE TO t WHERE OLD.n > 0 DO INSTEAD NOTHING;
CREATE POLICY p ON t USING (n > 0);
CREATE STATISTICS st (mcv) ON id, n FROM t;
-- expect: informs

-- case: partitions made as partitions, and attached after they lost columns
-- from:
CREATE TABLE m (junk int, id int NOT NULL, n int DEFAULT 1) PARTITION BY LIST (id);
ALTER TABLE m DROP COLUMN junk;
CREATE TABLE m_1 (id int NOT NULL, gone int, n int DEFAULT 1);
ALTER TABLE m_1 DROP COLUMN gone;
CREATE INDEX m_1_n_idx ON m_1 (n);
CREATE INDEX m_n ON ONLY m (n);
ALTER TABLE m ATTACH PARTITION m_1 FOR VALUES IN (1);
ALTER INDEX m_n ATTACH PARTITION m_1_n_idx;
-- rows:
-- to:
CREATE TABLE m (id int NOT NULL, n int DEFAULT 1) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE INDEX m_n ON m (n);
-- expect: informs

-- case: a child that began to inherit later, a materialized view filled later
-- from:
CREATE TABLE a (id int NOT NULL);
CREATE TABLE c (z int, id int NOT NULL);
ALTER TABLE c INHERIT a;
CREATE MATERIALIZED VIEW v AS SELECT id FROM a WITH NO DATA;
REFRESH MATERIALIZED VIEW v;
-- rows:
-- to:
CREATE TABLE a (id int NOT NULL);
CREATE TABLE c (id int NOT NULL, z int) INHERITS (a);
CREATE MATERIALIZED VIEW v AS SELECT id FROM a;
-- expect: informs

-- case: an identity that counted, serial made by hand
-- from:
CREATE TABLE t (id int NOT NULL, n bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (id));
CREATE SEQUENCE t_id_seq AS integer;
ALTER SEQUENCE t_id_seq OWNED BY t.id;
ALTER TABLE t ALTER COLUMN id SET DEFAULT nextval('t_id_seq');
INSERT INTO t DEFAULT VALUES;
DELETE FROM t;
ALTER TABLE t ALTER COLUMN n SET CACHE 5;
ALTER TABLE t ALTER COLUMN n SET CACHE 1;
-- rows:
-- to:
CREATE TABLE t (id serial PRIMARY KEY, n bigint GENERATED ALWAYS AS IDENTITY);
-- expect: informs

-- case: grants given and taken away
-- from:
CREATE TABLE t (id int PRIMARY KEY);
GRANT SELECT ON t TO PUBLIC;
REVOKE SELECT ON t FROM PUBLIC;
-- rows:
-- to:
CREATE TABLE t (id int PRIMARY KEY);
-- expect: informs
