-- case: a table is renamed
-- from:
CREATE TABLE old (id int PRIMARY KEY, n int);
-- to:
-- dbfleet:renamed-from old
CREATE TABLE fresh (id int PRIMARY KEY, n int);
-- expect: contains=RENAME TABLE `old` TO `fresh`
-- expect: lacks=DROP

-- case: a table is renamed and changed
-- from:
CREATE TABLE old (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT n FROM old;
-- to:
CREATE TABLE fresh (id int PRIMARY KEY, n bigint, m int); -- dbfleet:renamed-from old
CREATE VIEW v AS SELECT n FROM fresh;

-- case: a table that others refer to is renamed
-- from:
CREATE TABLE old (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, o int, FOREIGN KEY (o) REFERENCES old (id));
CREATE TRIGGER g BEFORE INSERT ON old FOR EACH ROW SET @x = 1;
-- to:
-- dbfleet:renamed-from old
CREATE TABLE fresh (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, o int, FOREIGN KEY (o) REFERENCES fresh (id));
CREATE TRIGGER g BEFORE INSERT ON fresh FOR EACH ROW SET @x = 1;
-- expect: statements=1

-- case: a column is renamed
-- from:
CREATE TABLE t (id int PRIMARY KEY, old int, KEY k (old), CONSTRAINT c CHECK (old > 0));
-- rows:
INSERT INTO t VALUES (1, 4);
-- to:
CREATE TABLE t (
  id int PRIMARY KEY,
  fresh int, -- dbfleet:renamed-from old
  KEY k (fresh), CONSTRAINT c CHECK (fresh > 0)
);
-- expect: statements=1
-- expect: contains=RENAME COLUMN `old` TO `fresh`

-- case: a column is renamed, changed and moved
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, old varchar(10));
-- to:
CREATE TABLE t (
  fresh varchar(20) NOT NULL DEFAULT 'x', -- dbfleet:renamed-from old
  id int PRIMARY KEY, a int
);
-- rows:
-- expect: statements=2

-- case: a table and its column are renamed
-- from:
CREATE TABLE old (id int PRIMARY KEY, a int);
-- to:
-- dbfleet:renamed-from old
CREATE TABLE fresh (
  id int PRIMARY KEY,
  b int -- dbfleet:renamed-from a
);
-- expect: statements=2

-- case: two columns change names with each other is refused
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
-- to:
CREATE TABLE t (
  id int PRIMARY KEY,
  b int, -- dbfleet:renamed-from a
  a int -- dbfleet:renamed-from b
);
-- expect: refused

-- case: the column of a generated one is renamed
-- from:
CREATE TABLE t (id int PRIMARY KEY, old int, v int AS (old + 1) VIRTUAL, w int AS (old + 2) STORED);
-- to:
CREATE TABLE t (
  id int PRIMARY KEY,
  fresh int, -- dbfleet:renamed-from old
  v int AS (fresh + 1) VIRTUAL, w int AS (fresh + 2) STORED
);

-- case: a view is renamed
-- from:
CREATE VIEW old AS SELECT 1 AS a;
-- to:
-- dbfleet:renamed-from old
CREATE VIEW fresh AS SELECT 1 AS a;
-- expect: statements=1

-- case: a sequence is renamed
-- from:
CREATE SEQUENCE old;
-- to:
-- dbfleet:renamed-from old
CREATE SEQUENCE fresh;
-- expect: statements=1

-- case: a hint that was followed before does nothing
-- from:
CREATE TABLE t (id int PRIMARY KEY, fresh int);
-- to:
CREATE TABLE t (
  id int PRIMARY KEY,
  fresh int, -- dbfleet:renamed-from old
  more int
);
-- expect: statements=1

-- case: without a hint nothing is guessed
-- from:
CREATE TABLE t (id int PRIMARY KEY, old int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, fresh int);
-- expect: data-loss statements=1

-- case: a label of a column in a renamed table
-- from:
CREATE TABLE old (id int PRIMARY KEY, s enum('x','y') DEFAULT 'x');
-- rows:
INSERT INTO old VALUES (1, 'x'), (2, 'y');
-- to:
-- dbfleet:renamed-from old
CREATE TABLE fresh (
  id int PRIMARY KEY,
  t enum( -- dbfleet:renamed-from s
    'x2', -- dbfleet:renamed-from x
    'y') DEFAULT 'x2'
);

-- case: names beyond ASCII and names that need quotes are renamed
-- from:
CREATE TABLE `größe` (id int PRIMARY KEY, `a b` int);
-- to:
-- dbfleet:renamed-from größe
CREATE TABLE `maß` (
  id int PRIMARY KEY,
  `c d` int -- dbfleet:renamed-from `a b`
);
-- expect: statements=2
