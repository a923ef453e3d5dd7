-- case: a composite type comes, with a table of it
-- from:
-- to:
CREATE TYPE address AS (street text, zip varchar(10), "No" int);
CREATE TABLE home (id int PRIMARY KEY, a address, past address[]);

-- case: a composite type goes
-- from:
CREATE TYPE address AS (street text, zip text);
CREATE TABLE home (id int PRIMARY KEY);
-- to:
CREATE TABLE home (id int PRIMARY KEY);

-- case: attributes come and go
-- from:
CREATE TYPE address AS (street text, zip text);
CREATE TABLE home (id int PRIMARY KEY, a address);
-- rows:
INSERT INTO home VALUES (1, ROW('s', 'z'));
-- to:
CREATE TYPE address AS (street text, town text COLLATE "C");
CREATE TABLE home (id int PRIMARY KEY, a address);
-- expect: data-loss
-- expect: contains=ALTER TYPE address ADD ATTRIBUTE town text COLLATE

-- case: the type of an attribute changes where nothing uses it
-- from:
CREATE TYPE pair AS (a int, b int);
CREATE FUNCTION make(n int) RETURNS pair LANGUAGE sql IMMUTABLE AS $$ SELECT n, n $$;
-- to:
CREATE TYPE pair AS (a int, b bigint);
CREATE FUNCTION make(n int) RETURNS pair LANGUAGE sql IMMUTABLE AS $$ SELECT n, n::bigint $$;
-- expect: contains=ALTER ATTRIBUTE b

-- case: the type of an attribute changes under a column
-- from:
CREATE TYPE pair AS (a int, b int);
CREATE TABLE t (id int PRIMARY KEY, p pair);
-- rows:
INSERT INTO t VALUES (1, ROW(1, 2)), (2, NULL);
-- to:
CREATE TYPE pair AS (a int, b bigint);
CREATE TABLE t (id int PRIMARY KEY, p pair);

-- case: attributes change places
-- from:
CREATE TYPE pair AS (a int, b text);
CREATE FUNCTION make(n int) RETURNS pair LANGUAGE sql IMMUTABLE AS $$ SELECT n, n::text $$;
-- to:
CREATE TYPE pair AS (b text, a int);
CREATE FUNCTION make(n int) RETURNS pair LANGUAGE sql IMMUTABLE AS $$ SELECT n::text, n $$;

-- case: a table typed by a composite type gets its attribute
-- from:
CREATE TYPE item AS (id int, name text);
CREATE TABLE items OF item (PRIMARY KEY (id));
-- rows:
INSERT INTO items VALUES (1, 'a');
-- to:
CREATE TYPE item AS (id int, name text, price numeric);
CREATE TABLE items OF item (PRIMARY KEY (id));

-- case: range types
-- from:
CREATE TYPE gone_range AS RANGE (subtype = time);
-- to:
CREATE FUNCTION time_diff(a time, b time) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT extract(epoch FROM (a - b)) $$;
CREATE TYPE timerange AS RANGE (subtype = time, subtype_diff = time_diff);
CREATE TYPE textrange AS RANGE (subtype = text, collation = "C", multirange_type_name = texts);
CREATE TABLE open (id int PRIMARY KEY, hours timerange, many texts);

-- case: a range type changes
-- from:
CREATE TYPE span AS RANGE (subtype = int4);
CREATE TABLE t (id int PRIMARY KEY, s span NOT NULL DEFAULT '[1,3)');
-- rows:
INSERT INTO t VALUES (1, '[5,8)');
-- to:
CREATE TYPE span AS RANGE (subtype = int8);
CREATE TABLE t (id int PRIMARY KEY, s span NOT NULL DEFAULT '[1,3)');

-- case: a range type changes under indexes, an exclusion and a multirange
-- from:
CREATE TYPE span AS RANGE (subtype = int4);
CREATE TABLE t (id int PRIMARY KEY, s span NOT NULL, many span_multirange, EXCLUDE USING gist (s WITH &&));
CREATE INDEX t_s ON t USING gist (s);
CREATE VIEW v AS SELECT lower(s) AS low FROM t;
-- rows:
INSERT INTO t VALUES (1, '[5,8)', '{[1,2),[5,6)}');
-- to:
CREATE TYPE span AS RANGE (subtype = int8);
CREATE TABLE t (id int PRIMARY KEY, s span NOT NULL, many span_multirange, EXCLUDE USING gist (s WITH &&));
CREATE INDEX t_s ON t USING gist (s);
CREATE VIEW v AS SELECT lower(s) AS low FROM t;

-- case: an aggregate and the function behind it
-- from:
CREATE TABLE t (id int PRIMARY KEY, n numeric);
-- to:
CREATE FUNCTION add_square(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT a + b * b $$;
CREATE AGGREGATE sum_squares(numeric) (SFUNC = add_square, STYPE = numeric, INITCOND = '0');
CREATE TABLE t (id int PRIMARY KEY, n numeric);
CREATE VIEW v AS SELECT sum_squares(n) AS s FROM t;

-- case: an aggregate starts elsewhere
-- from:
CREATE AGGREGATE total(numeric) (SFUNC = numeric_add, STYPE = numeric, INITCOND = '0');
CREATE TABLE t (id int PRIMARY KEY, n numeric);
CREATE VIEW v AS SELECT total(n) AS s FROM t;
-- to:
CREATE AGGREGATE total(numeric) (SFUNC = numeric_add, STYPE = numeric, INITCOND = '100', PARALLEL = SAFE);
CREATE TABLE t (id int PRIMARY KEY, n numeric);
CREATE VIEW v AS SELECT total(n) AS s FROM t;

-- case: aggregates with a final function, moving state and ordered arguments
-- from:
-- to:
CREATE AGGREGATE my_avg(float8) (SFUNC = float8_accum, STYPE = float8[], FINALFUNC = float8_avg, COMBINEFUNC = float8_combine, INITCOND = '{0,0,0}', PARALLEL = SAFE);
CREATE AGGREGATE my_sum(int) (SFUNC = int4_sum, STYPE = int8, MSFUNC = int4_avg_accum, MINVFUNC = int4_avg_accum_inv, MSTYPE = int8[], MFINALFUNC = int2int4_sum, MINITCOND = '{0,0}');
CREATE AGGREGATE my_percentile(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE AGGREGATE my_max(text) (SFUNC = text_larger, STYPE = text, SORTOP = >);

-- case: types of one group between which PostgreSQL has no cast go by way of one that both know
-- from:
CREATE TABLE t (id int PRIMARY KEY, a money, b money, c double precision, d smallint, e interval, f time with time zone);
-- rows:
INSERT INTO t VALUES (1, '12.50', '7', 3.5, 4, '01:30', '02:00+00');
-- to:
CREATE TABLE t (id int PRIMARY KEY, a double precision, b integer, c money, d money, e time with time zone, f interval);
-- expect: data-loss
-- expect: contains=USING a::numeric::double precision
