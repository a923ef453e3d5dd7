-- case: a schema comes with all that is in it
-- from:
-- to:
CREATE SCHEMA shop;
CREATE TYPE shop.state AS ENUM ('a', 'b');
CREATE SEQUENCE shop.seq;
CREATE TABLE shop.orders (id int PRIMARY KEY DEFAULT nextval('shop.seq'), state shop.state);
CREATE VIEW shop.open AS SELECT id FROM shop.orders WHERE state = 'a';
CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;

-- case: a schema goes with all that was in it
-- from:
CREATE SCHEMA "Old Shop";
CREATE TYPE "Old Shop".state AS ENUM ('a', 'b');
CREATE TABLE "Old Shop".orders (id serial PRIMARY KEY, state "Old Shop".state);
CREATE VIEW "Old Shop".open AS SELECT id FROM "Old Shop".orders WHERE state = 'a';
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id int PRIMARY KEY);
-- expect: data-loss

-- case: the same names in two schemas
-- from:
CREATE SCHEMA a;
CREATE SCHEMA b;
CREATE TYPE a.mood AS ENUM ('x', 'y');
CREATE TYPE b.mood AS ENUM ('x', 'y');
CREATE TABLE a.t (id int PRIMARY KEY, m a.mood);
CREATE TABLE b.t (id int PRIMARY KEY, m b.mood);
-- to:
CREATE SCHEMA a;
CREATE SCHEMA b;
CREATE TYPE a.mood AS ENUM ('y', 'x');
CREATE TYPE b.mood AS ENUM ('x', 'y');
CREATE TABLE a.t (id int PRIMARY KEY, m a.mood);
CREATE TABLE b.t (id bigint PRIMARY KEY, m b.mood);
-- expect: lacks=ALTER TYPE b.mood

-- case: a collation is not modelled and said to be so
-- from:
CREATE TABLE t (id int PRIMARY KEY, n text);
-- to:
CREATE COLLATION german (provider = icu, locale = 'de');
CREATE TABLE t (id int PRIMARY KEY, n text);
-- expect: refused

-- case: what is not modelled may be there, if it is on both sides
-- from:
CREATE COLLATION german (provider = icu, locale = 'de');
CREATE CAST (text AS point) WITH INOUT;
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE TABLE t (id int PRIMARY KEY, n text COLLATE german);
-- to:
CREATE COLLATION german (provider = icu, locale = 'de');
CREATE CAST (text AS point) WITH INOUT;
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE TABLE t (id int PRIMARY KEY, n text COLLATE german, m int CHECK (m OPERATOR(public.===) 1));

-- case: a comment on what is not modelled is said to be so
-- from:
CREATE COLLATION german (provider = icu, locale = 'de');
-- to:
CREATE COLLATION german (provider = icu, locale = 'de');
COMMENT ON COLLATION german IS 'umlauts';
-- expect: refused
