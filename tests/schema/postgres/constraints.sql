-- case: a primary key comes
-- from:
CREATE TABLE t (id int, a int);
-- rows:
INSERT INTO t VALUES (1, 1), (2, 2);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- expect: statements=1 passes=1

-- case: a primary key goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- to:
CREATE TABLE t (id int NOT NULL, a int);
-- expect: statements=1

-- case: a primary key of other columns
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL);
-- to:
CREATE TABLE t (id int, a int, PRIMARY KEY (a, id));
-- expect: statements=2

-- case: a primary key that others refer to gets another column
-- from:
CREATE TABLE p (id int PRIMARY KEY, k int NOT NULL UNIQUE); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p (id));
-- rows:
INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (1, 1);
-- to:
CREATE TABLE p (id int NOT NULL, k int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p (k));
-- expect: passes=1

-- case: a unique constraint with INCLUDE and options
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, CONSTRAINT u UNIQUE (a) INCLUDE (b) WITH (fillfactor = 70) DEFERRABLE INITIALLY DEFERRED);
-- expect: statements=1 passes=1

-- case: options of the index of a constraint
-- from:
CREATE TABLE t (id int PRIMARY KEY WITH (fillfactor = 70), a int);
-- to:
CREATE TABLE t (id int PRIMARY KEY WITH (fillfactor = 80, deduplicate_items = off), a int UNIQUE WITH (fillfactor = 50));
-- expect: passes=1

-- case: NULLs that are not distinct
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE NULLS NOT DISTINCT);
-- expect: statements=2

-- case: a unique index becomes a unique constraint
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE UNIQUE INDEX t_a_key ON t (a);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE);
-- expect: passes=1

-- case: a check comes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0));
-- expect: statements=1
-- expect: contains=ALTER TABLE t ADD CONSTRAINT t_a_check CHECK (a > 0);

-- case: a check changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a >= 0));
-- expect: statements=2

-- case: a check goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- expect: statements=1

-- case: checks with NO INHERIT and of several columns
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
-- rows:
INSERT INTO t VALUES (1, 1, 2);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, CONSTRAINT c1 CHECK (a < b) NO INHERIT, CONSTRAINT c2 CHECK (a <> b OR b IS NULL));
-- expect: statements=2

-- case: a check is added without looking at rows
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- rows:
INSERT INTO t VALUES (1, -1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
-- expect: statements=1
-- expect: contains=NOT VALID

-- case: a check is validated
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, CONSTRAINT c CHECK (a > 0));
-- expect: statements=1
-- expect: contains=ALTER TABLE t VALIDATE CONSTRAINT c;

-- case: a foreign key comes
-- from:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int);
-- to:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON UPDATE CASCADE ON DELETE SET NULL);
-- expect: statements=1

-- case: a foreign key goes
-- from:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p);
-- to:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int);
-- expect: statements=1

-- case: a foreign key with other actions
-- from:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p);
-- to:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE);
-- expect: statements=2

-- case: a foreign key becomes deferrable
-- from:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p);
-- to:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);
-- expect: statements=1
-- expect: contains=ALTER CONSTRAINT c_p_fkey DEFERRABLE INITIALLY DEFERRED

-- case: a foreign key is validated
-- from:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int); ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p NOT VALID;
-- to:
CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p);
-- expect: statements=1

-- case: a foreign key of several columns, and MATCH FULL
-- from:
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE c (id int PRIMARY KEY, a int, b int);
-- to:
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE c (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p MATCH FULL);
-- expect: statements=1

-- case: a foreign key to a unique index
-- from:
CREATE TABLE p (id int PRIMARY KEY, k int); CREATE TABLE c (id int PRIMARY KEY, k int);
-- to:
CREATE TABLE p (id int PRIMARY KEY, k int); CREATE UNIQUE INDEX p_k ON p (k); CREATE TABLE c (id int PRIMARY KEY, k int REFERENCES p (k));
-- expect: statements=2 passes=1

-- case: an exclusion comes and another goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, r int4range, s int4range, CONSTRAINT e1 EXCLUDE USING gist (r WITH &&));
-- to:
CREATE TABLE t (id int PRIMARY KEY, r int4range, s int4range, CONSTRAINT e2 EXCLUDE USING gist (s WITH &&) WHERE (id > 5));
-- expect: statements=2

-- case: the index of a constraint is the one to cluster by
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE); ALTER TABLE t CLUSTER ON t_a_key;
-- expect: statements=1

-- case: another name of a constraint is a rename
-- from:
CREATE TABLE p (id int, k int UNIQUE, CONSTRAINT p1 PRIMARY KEY (id)); CREATE TABLE t (id int PRIMARY KEY, a int CONSTRAINT c1 CHECK (a > 0), b int CONSTRAINT f1 REFERENCES p);
-- to:
CREATE TABLE p (id int, k int UNIQUE, CONSTRAINT p2 PRIMARY KEY (id)); CREATE TABLE t (id int PRIMARY KEY, a int CONSTRAINT c2 CHECK (a > 0), b int CONSTRAINT f2 REFERENCES p);
-- expect: statements=3
-- expect: contains=ALTER TABLE t RENAME CONSTRAINT c1 TO c2;

-- case: a view depends on a primary key
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT id, a, count(*) AS n FROM t GROUP BY id;
-- to:
CREATE TABLE t (id int, a int NOT NULL, PRIMARY KEY (id, a)); CREATE VIEW v AS SELECT id, a, count(*) AS n FROM t GROUP BY id, a;
-- expect: passes=1
