-- case: a table gets a history
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int) WITH SYSTEM VERSIONING;
-- expect: statements=1
-- expect: contains=ADD SYSTEM VERSIONING

-- case: a table loses its history
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int) WITH SYSTEM VERSIONING;
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- expect: data-loss statements=1

-- case: a table with a history is made
-- from:
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, a timestamp(6) GENERATED ALWAYS AS ROW START, b timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH SYSTEM VERSIONING;
-- expect: statements=1

-- case: a table gets a history with columns of its own
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, a timestamp(6) GENERATED ALWAYS AS ROW START INVISIBLE, b timestamp(6) GENERATED ALWAYS AS ROW END INVISIBLE, PERIOD FOR SYSTEM_TIME (a, b)) WITH SYSTEM VERSIONING;
-- expect: statements=1

-- case: a table loses a history with columns of its own
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, a timestamp(6) GENERATED ALWAYS AS ROW START, b timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH SYSTEM VERSIONING;
-- rows:
INSERT INTO t (id, n) VALUES (1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- expect: data-loss

-- case: a column of a table with a history is added
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int) WITH SYSTEM VERSIONING;
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, m int) WITH SYSTEM VERSIONING;
-- expect: statements=3
-- expect: contains=system_versioning_alter_history

-- case: a column of a table with a history is kept out of it
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int) WITH SYSTEM VERSIONING;
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING;

-- case: a key of a table with a history
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int) WITH SYSTEM VERSIONING;
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, KEY (n)) WITH SYSTEM VERSIONING COMMENT 'x';
-- expect: statements=1

-- case: a history of some columns only
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING;

-- case: a period is added
-- from:
CREATE TABLE t (id int, a date NOT NULL, b date NOT NULL);
-- rows:
INSERT INTO t VALUES (1, '2020-01-01', '2021-01-01');
-- to:
CREATE TABLE t (id int, a date NOT NULL, b date NOT NULL, PERIOD FOR valid (a, b));
-- expect: statements=1

-- case: a period goes
-- from:
CREATE TABLE t (id int, a date NOT NULL, b date NOT NULL, PERIOD FOR valid (a, b));
-- rows:
INSERT INTO t VALUES (1, '2020-01-01', '2021-01-01');
-- to:
CREATE TABLE t (id int, a date NOT NULL, b date NOT NULL);
-- expect: statements=1

-- case: a period of other columns
-- from:
CREATE TABLE t (id int, a date NOT NULL, b date NOT NULL, c date NOT NULL, PERIOD FOR valid (a, b));
-- rows:
INSERT INTO t VALUES (1, '2020-01-01', '2021-01-01', '2022-01-01');
-- to:
CREATE TABLE t (id int, a date NOT NULL, b date NOT NULL, c date NOT NULL, PERIOD FOR valid (a, c));
-- expect: statements=1

-- case: a key without overlaps
-- from:
CREATE TABLE t (id int NOT NULL, a date NOT NULL, b date NOT NULL, PERIOD FOR valid (a, b));
-- rows:
INSERT INTO t VALUES (1, '2020-01-01', '2021-01-01');
-- to:
CREATE TABLE t (id int NOT NULL, a date NOT NULL, b date NOT NULL, PERIOD FOR valid (a, b), PRIMARY KEY (id, valid WITHOUT OVERLAPS));
-- expect: statements=1

-- case: a period and a key without overlaps at once
-- from:
CREATE TABLE t (id int NOT NULL);
-- rows:
-- to:
CREATE TABLE t (id int NOT NULL, a date NOT NULL, b date NOT NULL, PERIOD FOR valid (a, b), UNIQUE KEY u (id, valid WITHOUT OVERLAPS));
