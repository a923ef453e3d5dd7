-- case: a sequence is made
-- from:
-- to:
CREATE SEQUENCE s START WITH 5 INCREMENT BY 2 MAXVALUE 1000 CACHE 10 CYCLE;
-- expect: statements=1 passes=1

-- case: a sequence is dropped
-- from:
CREATE SEQUENCE s;
-- to:
-- expect: data-loss statements=1

-- case: a sequence steps otherwise
-- from:
CREATE SEQUENCE s;
-- to:
CREATE SEQUENCE s INCREMENT BY 10 CACHE 50;
-- expect: statements=1
-- expect: contains=ALTER SEQUENCE `s` INCREMENT BY 10 CACHE 50

-- case: the bounds of a sequence
-- from:
CREATE SEQUENCE s START WITH 1 MAXVALUE 100 NOCYCLE;
-- to:
CREATE SEQUENCE s START WITH 1 MINVALUE -5 MAXVALUE 200 CYCLE;
-- expect: statements=1

-- case: where a sequence starts
-- from:
CREATE SEQUENCE s START WITH 1;
-- to:
CREATE SEQUENCE s START WITH 20;
-- expect: statements=1

-- case: the engine and comment of a sequence
-- from:
CREATE SEQUENCE s;
-- to:
CREATE SEQUENCE s ENGINE=Aria COMMENT 'it''s; new';
-- expect: statements=2

-- case: how far a sequence has come is no difference
-- from:
CREATE SEQUENCE s;
DO nextval(s);
DO nextval(s);
-- to:
CREATE SEQUENCE s;
-- expect: informs

-- case: a default takes its values from a new sequence
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE SEQUENCE s;
CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT nextval(s));
-- expect: statements=2 passes=1

-- case: a default no longer takes its values from a sequence that goes
-- from:
CREATE SEQUENCE s;
CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT nextval(s));
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- expect: data-loss statements=2

-- case: a new table takes its numbers from a new sequence
-- from:
-- to:
CREATE SEQUENCE z;
CREATE TABLE a (id bigint NOT NULL DEFAULT nextval(z) PRIMARY KEY);
-- expect: statements=2 passes=1

-- case: a sequence becomes a table
-- from:
CREATE SEQUENCE s;
-- to:
CREATE TABLE s (id int PRIMARY KEY);
-- expect: data-loss statements=2
