-- case: domains come, one upon another
-- from:
-- to:
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE DOMAIN small AS posint DEFAULT 1 NOT NULL CONSTRAINT below_ten CHECK (VALUE < 10);
CREATE TABLE t (id int PRIMARY KEY, n small);

-- case: domains go
-- from:
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE DOMAIN small AS posint DEFAULT 1 CHECK (VALUE < 10);
CREATE TABLE t (id int PRIMARY KEY, n small);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);

-- case: default and not null of a domain
-- from:
CREATE DOMAIN code AS text DEFAULT 'x';
CREATE DOMAIN label AS text NOT NULL;
CREATE DOMAIN plain AS text;
CREATE TABLE t (id int PRIMARY KEY, c code, l label, p plain);
-- rows:
INSERT INTO t VALUES (1, 'c', 'l', 'p');
-- to:
CREATE DOMAIN code AS text;
CREATE DOMAIN label AS text;
CREATE DOMAIN plain AS text DEFAULT 'p' NOT NULL;
CREATE TABLE t (id int PRIMARY KEY, c code, l label, p plain);
-- expect: contains=ALTER DOMAIN plain SET NOT NULL

-- case: constraints of a domain come, go and change
-- from:
CREATE DOMAIN price AS numeric(10,2) CONSTRAINT positive CHECK (VALUE > 0) CONSTRAINT odd CHECK (VALUE <> 13);
CREATE TABLE t (id int PRIMARY KEY, p price);
-- rows:
INSERT INTO t VALUES (1, 5), (2, NULL);
-- to:
CREATE DOMAIN price AS numeric(10,2) CONSTRAINT positive CHECK (VALUE >= 0) CONSTRAINT bounded CHECK (VALUE < 1000);
CREATE TABLE t (id int PRIMARY KEY, p price);

-- case: a constraint that is not valid yet
-- from:
CREATE DOMAIN price AS int;
CREATE TABLE t (id int PRIMARY KEY, p price);
-- rows:
INSERT INTO t VALUES (1, -5);
-- to:
CREATE DOMAIN price AS int;
ALTER DOMAIN price ADD CONSTRAINT positive CHECK (VALUE > 0) NOT VALID;
CREATE TABLE t (id int PRIMARY KEY, p price);
-- expect: contains=NOT VALID

-- case: a constraint is validated
-- from:
CREATE DOMAIN price AS int;
ALTER DOMAIN price ADD CONSTRAINT positive CHECK (VALUE > 0) NOT VALID;
CREATE TABLE t (id int PRIMARY KEY, p price);
-- rows:
INSERT INTO t VALUES (1, 5);
-- to:
CREATE DOMAIN price AS int CONSTRAINT positive CHECK (VALUE > 0);
CREATE TABLE t (id int PRIMARY KEY, p price);
-- expect: contains=VALIDATE CONSTRAINT positive

-- case: another base type
-- from:
CREATE DOMAIN amount AS int CONSTRAINT positive CHECK (VALUE > 0);
CREATE TABLE t (id int PRIMARY KEY, a amount NOT NULL DEFAULT 7, all_a amount[]);
CREATE INDEX t_a ON t (a);
CREATE VIEW v AS SELECT id, a FROM t WHERE a > 3;
-- to:
CREATE DOMAIN amount AS bigint CONSTRAINT positive CHECK (VALUE > 0);
CREATE TABLE t (id int PRIMARY KEY, a amount NOT NULL DEFAULT 7, all_a amount[]);
CREATE INDEX t_a ON t (a);
CREATE VIEW v AS SELECT id, a FROM t WHERE a > 3;

-- case: another collation
-- from:
CREATE DOMAIN word AS text;
CREATE TABLE t (id int PRIMARY KEY, w word);
-- to:
CREATE DOMAIN word AS text COLLATE "C";
CREATE TABLE t (id int PRIMARY KEY, w word);

-- case: a check of a domain calls a function that changes
-- from:
CREATE FUNCTION is_even(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT n % 2 = 0 $$;
CREATE DOMAIN even AS int CHECK (is_even(VALUE));
CREATE TABLE t (id int PRIMARY KEY, n even);
-- rows:
INSERT INTO t VALUES (1, 2);
-- to:
CREATE FUNCTION is_even(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT mod(n, 2) = 0 $$;
CREATE DOMAIN even AS int CHECK (is_even(VALUE));
CREATE TABLE t (id int PRIMARY KEY, n even);
