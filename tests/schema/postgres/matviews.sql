-- case: a materialized view with indexes comes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE MATERIALIZED VIEW m AS SELECT n, count(*) AS c FROM t GROUP BY n;
CREATE UNIQUE INDEX m_n ON m (n);
CREATE INDEX m_c ON m (c DESC) WHERE c > 1;

-- case: a materialized view changes and keeps its indexes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE MATERIALIZED VIEW m AS SELECT n, count(*) AS c FROM t GROUP BY n;
CREATE UNIQUE INDEX m_n ON m (n);
COMMENT ON MATERIALIZED VIEW m IS 'how often';
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE MATERIALIZED VIEW m AS SELECT n, count(*) AS c, max(id) AS top FROM t GROUP BY n;
CREATE UNIQUE INDEX m_n ON m (n);
COMMENT ON MATERIALIZED VIEW m IS 'how often';

-- case: a view over a materialized view over a table whose column changes its type
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE MATERIALIZED VIEW m AS SELECT id, n FROM t;
CREATE INDEX m_n ON m (n);
CREATE VIEW v AS SELECT n FROM m WHERE n > 0;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n bigint);
CREATE MATERIALIZED VIEW m AS SELECT id, n FROM t;
CREATE INDEX m_n ON m (n);
CREATE VIEW v AS SELECT n FROM m WHERE n > 0;

-- case: without data, and filled
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE MATERIALIZED VIEW empty AS SELECT id FROM t WITH NO DATA;
CREATE MATERIALIZED VIEW full_one AS SELECT n FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE MATERIALIZED VIEW empty AS SELECT id FROM t;
CREATE MATERIALIZED VIEW full_one AS SELECT n FROM t WITH NO DATA;

-- case: options, storage and statistics of a materialized view
-- from:
CREATE TABLE t (id int PRIMARY KEY, n text);
CREATE MATERIALIZED VIEW m AS SELECT id, n FROM t;
CREATE INDEX m_id ON m (id);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n text);
CREATE MATERIALIZED VIEW m WITH (autovacuum_enabled = false, fillfactor = 70) AS SELECT id, n FROM t;
CREATE INDEX m_id ON m (id);
ALTER MATERIALIZED VIEW m ALTER COLUMN n SET STORAGE EXTERNAL;
ALTER MATERIALIZED VIEW m ALTER COLUMN id SET STATISTICS 500;
ALTER MATERIALIZED VIEW m CLUSTER ON m_id;

-- case: a materialized view becomes a view
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE MATERIALIZED VIEW m AS SELECT n FROM t;
CREATE INDEX m_n ON m (n);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW m AS SELECT n FROM t;
