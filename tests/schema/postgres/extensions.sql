-- case: an extension comes with a column of its type
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE EXTENSION citext;
CREATE TABLE t (id int PRIMARY KEY, name citext);

-- case: an extension goes with what used it
-- from:
CREATE EXTENSION pg_trgm;
CREATE EXTENSION hstore;
CREATE TABLE t (id int PRIMARY KEY, name text, more hstore);
CREATE INDEX t_name ON t USING gin (name gin_trgm_ops);
-- to:
CREATE TABLE t (id int PRIMARY KEY, name text);
-- expect: data-loss

-- case: an extension moves to another schema
-- from:
CREATE SCHEMA ext;
CREATE EXTENSION citext;
CREATE TABLE t (id int PRIMARY KEY, name citext);
-- to:
CREATE SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE TABLE t (id int PRIMARY KEY, name ext.citext);
-- expect: contains=ALTER EXTENSION citext SET SCHEMA ext

-- case: foreign tables of a server that is there
-- from:
CREATE EXTENSION postgres_fdw;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost');
CREATE FOREIGN TABLE old (id int) SERVER far;
CREATE FOREIGN TABLE kept (id int OPTIONS (column_name 'x'), n int) SERVER far OPTIONS (table_name 'a', schema_name 'b');
-- to:
CREATE EXTENSION postgres_fdw;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost');
CREATE FOREIGN TABLE kept (id int OPTIONS (column_name 'y'), n bigint NOT NULL) SERVER far OPTIONS (table_name 'it''s', fetch_size '10');
CREATE FOREIGN TABLE fresh (id int OPTIONS (column_name 'X'), n text DEFAULT 'n') SERVER far OPTIONS (table_name 'f');

-- case: a server is not modelled and said to be so
-- from:
CREATE EXTENSION postgres_fdw;
-- to:
CREATE EXTENSION postgres_fdw;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
-- expect: refused
