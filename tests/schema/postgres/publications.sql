-- case: publications come
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, c text);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, c text);
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY LIST (id);
CREATE SCHEMA more;
CREATE PUBLICATION part_of_it FOR TABLE t (id, n) WHERE (n > 0), ONLY p WITH (publish = 'insert, update', publish_via_partition_root = true);
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE PUBLICATION whole_schema FOR TABLES IN SCHEMA more, TABLE t;
CREATE PUBLICATION nothing;

-- case: a publication changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE u (id int PRIMARY KEY, n int);
CREATE PUBLICATION a FOR TABLE t;
CREATE PUBLICATION b FOR TABLE t WHERE (n > 0) WITH (publish = 'insert');
CREATE PUBLICATION c FOR ALL TABLES;
CREATE PUBLICATION d FOR TABLES IN SCHEMA public;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE u (id int PRIMARY KEY, n int);
CREATE PUBLICATION a FOR TABLE t, u;
CREATE PUBLICATION b FOR TABLE t WHERE (n > 10) WITH (publish = 'insert, delete');
CREATE PUBLICATION c FOR TABLE u;
CREATE PUBLICATION d;

-- case: a published table goes, a published column changes its type
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE gone (id int PRIMARY KEY);
CREATE PUBLICATION a FOR TABLE t (id, n) WHERE (n > 0), gone;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n bigint);
CREATE PUBLICATION a FOR TABLE t (id, n) WHERE (n > 0);
-- expect: data-loss
