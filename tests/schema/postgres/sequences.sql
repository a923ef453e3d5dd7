-- case: sequences come with all that they can be given
-- from:
-- to:
CREATE SEQUENCE plain;
CREATE SEQUENCE small AS smallint INCREMENT BY -2 MINVALUE -100 MAXVALUE 50 START 10 CACHE 5 CYCLE;
CREATE UNLOGGED SEQUENCE fast START 7;
CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('plain'));

-- case: each option changes
-- from:
CREATE SEQUENCE a;
CREATE SEQUENCE b START 5 CYCLE;
CREATE SEQUENCE c MAXVALUE 100;
CREATE SEQUENCE d AS int;
-- to:
CREATE SEQUENCE a INCREMENT BY 10 CACHE 20;
CREATE SEQUENCE b START 6 NO CYCLE;
CREATE SEQUENCE c MINVALUE -5 MAXVALUE 1000;
CREATE SEQUENCE d AS bigint;

-- case: new bounds leave the last value outside
-- from:
CREATE SEQUENCE a;
-- to:
CREATE SEQUENCE a MINVALUE 1000 START 1000;

-- case: a sequence counts down, and one up again
-- from:
CREATE SEQUENCE a;
CREATE SEQUENCE b AS int INCREMENT BY -3 MINVALUE -50;
CREATE SEQUENCE c MINVALUE 10 MAXVALUE 20;
-- to:
CREATE SEQUENCE a INCREMENT BY -1;
CREATE SEQUENCE b AS int INCREMENT BY 3 MAXVALUE 50;
CREATE SEQUENCE c MINVALUE 30 MAXVALUE 40;

-- case: a sequence is owned, changes its owner, is owned no more
-- from:
CREATE TABLE t (a int, b int);
CREATE SEQUENCE s1;
CREATE SEQUENCE s2 OWNED BY t.a;
CREATE SEQUENCE s3 OWNED BY t.a;
-- to:
CREATE TABLE t (a int, b int);
CREATE SEQUENCE s1 OWNED BY t.a;
CREATE SEQUENCE s2 OWNED BY t.b;
CREATE SEQUENCE s3 OWNED BY NONE;

-- case: a sequence outlives the table that owned it
-- from:
CREATE TABLE gone (id serial PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE SEQUENCE gone_id_seq AS int;
CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('gone_id_seq'));
-- expect: data-loss

-- case: a table with serial columns
-- from:
-- to:
CREATE TABLE t (id serial PRIMARY KEY, big bigserial, small smallserial);

-- case: int becomes serial
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id serial PRIMARY KEY);

-- case: serial becomes bigserial
-- from:
CREATE TABLE t (id serial PRIMARY KEY, note text);
-- to:
CREATE TABLE t (id bigserial PRIMARY KEY, note text);

-- case: a serial column goes with its sequence
-- from:
CREATE TABLE t (id int PRIMARY KEY, n serial);
-- to:
CREATE TABLE t (id int PRIMARY KEY);
-- expect: data-loss

-- case: a sequence becomes unlogged
-- from:
CREATE SEQUENCE s;
-- to:
CREATE UNLOGGED SEQUENCE s;
