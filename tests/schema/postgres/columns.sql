-- case: nothing differs but spelling
-- from:
CREATE TABLE t (id int4 PRIMARY KEY, name VARCHAR(10) DEFAULT 'a', n decimal(8,2) CHECK (n > 0));
-- to:
create table public.t (id integer not null primary key, name character varying(10) default 'a'::varchar, n numeric(8,2) check ((n) > (0)));
-- expect: informs statements=0

-- case: the order of columns only informs
-- from:
CREATE TABLE t (a int, b text);
-- to:
CREATE TABLE t (b text, a int);
-- expect: informs statements=0

-- case: a column is added
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id int PRIMARY KEY, note text);
-- expect: statements=1 passes=1
-- expect: contains=ALTER TABLE t ADD COLUMN note text;

-- case: a column with default, collation and NOT NULL is added
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id int PRIMARY KEY, note varchar(20) COLLATE "C" NOT NULL DEFAULT 'x');
-- expect: statements=1
-- expect: contains=ADD COLUMN note character varying(20) COLLATE "C" DEFAULT 'x'::character varying NOT NULL

-- case: a NOT NULL column without default is added to an empty table
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- rows:
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL);
-- expect: statements=1
-- expect: contains=ADD COLUMN n integer NOT NULL

-- case: a NOT NULL column gets its values from a hint
-- from:
CREATE TABLE t (id int PRIMARY KEY, a text);
-- rows:
INSERT INTO t VALUES (1, 'x'), (2, 'yy');
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text,
  -- dbfleet:using t.n = length(a)
  n int NOT NULL);
-- expect: statements=3
-- expect: contains=UPDATE t SET n = length(a)

-- case: a column goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, note text);
-- to:
CREATE TABLE t (id int PRIMARY KEY);
-- expect: data-loss statements=1
-- expect: contains=ALTER TABLE t DROP COLUMN note;

-- case: a NOT NULL column goes and comes back with rows
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b text NOT NULL, c date NOT NULL, d boolean NOT NULL, e uuid NOT NULL);
-- to:
CREATE TABLE t (id int PRIMARY KEY);
-- expect: data-loss statements=5

-- case: a column with an index, a unique constraint and a check goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE CHECK (a > 0), b int); CREATE INDEX t_a ON t (a, b);
-- to:
CREATE TABLE t (id int PRIMARY KEY, b int);
-- expect: data-loss statements=1

-- case: a varchar becomes longer
-- from:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10) NOT NULL DEFAULT 'a');
-- to:
CREATE TABLE t (id int PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'a');
-- expect: statements=1
-- expect: contains=ALTER TABLE t ALTER COLUMN name TYPE character varying(20);

-- case: integer becomes bigint, with the foreign key that refers to it
-- from:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p);
-- to:
CREATE TABLE p (id bigint PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p bigint REFERENCES p);
-- expect: statements=2

-- case: integer becomes text, with the foreign key that refers to it
-- from:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p);
-- rows:
INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1);
-- to:
CREATE TABLE p (id text PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p text REFERENCES p);
-- expect: contains=DROP CONSTRAINT c_p_fkey

-- case: numeric loses digits
-- from:
CREATE TABLE t (id int PRIMARY KEY, n numeric(10,4));
-- rows:
INSERT INTO t VALUES (1, 1.2345);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n numeric(10,2));
-- expect: data-loss statements=1

-- case: numeric gets more digits
-- from:
CREATE TABLE t (id int PRIMARY KEY, n numeric(10,2));
-- rows:
INSERT INTO t VALUES (1, 1.23);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n numeric(12,4));
-- expect: statements=1

-- case: text becomes integer
-- from:
CREATE TABLE t (id int PRIMARY KEY, n text DEFAULT '1');
-- rows:
INSERT INTO t VALUES (1, '42');
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 1);
-- expect: data-loss
-- expect: contains=TYPE integer USING n::integer

-- case: text becomes a date and a default is set anew
-- from:
CREATE TABLE t (id int PRIMARY KEY, d text DEFAULT 'never');
-- rows:
INSERT INTO t VALUES (1, '2020-02-03');
-- to:
CREATE TABLE t (id int PRIMARY KEY, d date DEFAULT CURRENT_DATE);
-- expect: data-loss statements=3

-- case: boolean becomes integer
-- from:
CREATE TABLE t (id int PRIMARY KEY, b boolean DEFAULT true);
-- to:
CREATE TABLE t (id int PRIMARY KEY, b int DEFAULT 1);
-- expect: contains=USING b::integer

-- case: a type that cannot be cast needs a hint
-- from:
CREATE TABLE t (id int PRIMARY KEY, at bigint);
-- to:
CREATE TABLE t (id int PRIMARY KEY, at timestamptz);
-- expect: refused

-- case: a hint says how values become those of the new type
-- from:
CREATE TABLE t (id int PRIMARY KEY, at bigint);
-- rows:
-- to:
CREATE TABLE t (id int PRIMARY KEY,
  -- dbfleet:using t.at = to_timestamp(at)
  at text);
-- expect: contains=TYPE text USING to_timestamp(at)

-- case: timestamps and their time zone
-- from:
CREATE TABLE t (id int PRIMARY KEY, at timestamp);
-- to:
CREATE TABLE t (id int PRIMARY KEY, at timestamptz);
-- expect: statements=1

-- case: an array of another type
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int[]);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a bigint[]);
-- expect: statements=1

-- case: json becomes jsonb
-- from:
CREATE TABLE t (id int PRIMARY KEY, j json);
-- rows:
INSERT INTO t VALUES (1, '{"a":  1}');
-- to:
CREATE TABLE t (id int PRIMARY KEY, j jsonb);
-- expect: data-loss statements=1

-- case: a collation is set, and taken away
-- from:
CREATE TABLE t (id int PRIMARY KEY, a text, b text COLLATE "C"); CREATE INDEX t_a ON t (a, b);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text COLLATE "C", b text); CREATE INDEX t_a ON t (a, b);
-- expect: statements=2

-- case: defaults come, change and go
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int DEFAULT 1, c int DEFAULT 2);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 5, b int DEFAULT 1 + 1, c int);
-- expect: statements=3
-- expect: contains=ALTER COLUMN c DROP DEFAULT

-- case: NOT NULL comes and goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int NOT NULL);
-- rows:
INSERT INTO t VALUES (1, 1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int);
-- expect: statements=2

-- case: NOT NULL comes and a hint says what rows without a value get
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- rows:
INSERT INTO t VALUES (1, 1), (2, NULL);
-- to:
CREATE TABLE t (id int PRIMARY KEY,
  -- dbfleet:using t.a = 0
  a int NOT NULL);
-- expect: statements=2
-- expect: contains=UPDATE t SET a = 0 WHERE a IS NULL

-- case: a generated column is added
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED);
-- expect: statements=1

-- case: the expression of a generated column changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED); CREATE INDEX t_b ON t (b);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 3) STORED); CREATE INDEX t_b ON t (b);
-- expect: contains=CREATE INDEX t_b ON t (b)

-- case: a generated column becomes a plain one
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
-- expect: statements=1
-- expect: contains=DROP EXPRESSION

-- case: a plain column becomes a generated one
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED);
-- expect: data-loss

-- case: the type of a column that another is generated from changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b bigint GENERATED ALWAYS AS (a * 2) STORED);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a bigint, b bigint GENERATED ALWAYS AS (a * 2) STORED);
-- expect: passes=1

-- case: a column becomes an identity and goes on behind its values
-- from:
CREATE TABLE t (id int PRIMARY KEY, a text);
-- rows:
INSERT INTO t VALUES (1, 'a'), (7, 'b');
-- to:
CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a text);
-- expect: contains=ADD GENERATED BY DEFAULT AS IDENTITY

-- case: an identity gets other options
-- from:
CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 5 MAXVALUE 1000) PRIMARY KEY);
-- to:
CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 20 MINVALUE 20 CACHE 5 CYCLE) PRIMARY KEY);
-- expect: passes=1

-- case: an identity of another type
-- from:
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
-- to:
CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
-- expect: statements=1

-- case: storage, compression, statistics and n_distinct
-- from:
CREATE TABLE t (id int PRIMARY KEY, a text, b text, c int, d numeric, e text);
ALTER TABLE t ALTER b SET STORAGE EXTERNAL, ALTER c SET STATISTICS 100, ALTER c SET (n_distinct = 5), ALTER d SET STORAGE PLAIN;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text, b text, c int, d numeric, e text COMPRESSION pglz);
ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER a SET STATISTICS 200, ALTER a SET (n_distinct = -0.5);
-- expect: passes=1

-- case: a column with settings is added
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text COMPRESSION pglz);
ALTER TABLE t ALTER a SET STORAGE MAIN, ALTER a SET STATISTICS 10, ALTER a SET (n_distinct = 3);
-- expect: passes=1

-- case: a view is in the way of a new type
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id, a FROM t; CREATE VIEW w AS SELECT a FROM v;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a bigint); CREATE VIEW v AS SELECT id, a FROM t; CREATE VIEW w AS SELECT a FROM v;
-- expect: statements=5 passes=1

-- case: a trigger is in the way of a new type
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (new.a > 1) EXECUTE FUNCTION f();
ALTER TABLE t DISABLE TRIGGER g;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a bigint);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (new.a > 1) EXECUTE FUNCTION f();
ALTER TABLE t DISABLE TRIGGER g;
-- expect: statements=4 passes=1

-- case: an index, a check and statistics on a column of a new type
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0), b int); CREATE INDEX t_a ON t (a) WHERE a > 5; CREATE STATISTICS s ON a, b FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a bigint CHECK (a > 0), b int); CREATE INDEX t_a ON t (a) WHERE a > 5; CREATE STATISTICS s ON a, b FROM t;
-- expect: any

-- case: a check depends on the type that goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0)); CREATE INDEX t_a ON t ((a + 1));
-- rows:
INSERT INTO t VALUES (1, 5);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text CHECK (length(a) > 0)); CREATE INDEX t_a ON t (lower(a));
-- expect: passes=1

-- case: quoted names
-- from:
CREATE TABLE "Order Items" ("Id" int PRIMARY KEY, "select" text, "a""b" int);
-- to:
CREATE TABLE "Order Items" ("Id" int PRIMARY KEY, "select" varchar(5) DEFAULT 'it''s', "a""b" bigint, "é" int);
-- expect: statements=4

-- case: serial becomes bigserial
-- from:
CREATE TABLE t (id serial PRIMARY KEY);
-- to:
CREATE TABLE t (id bigserial PRIMARY KEY);
-- expect: passes=1
