-- case: nothing differs but spelling
-- from:
CREATE TABLE "T" ([Id] INTEGER PRIMARY KEY, `Name` TEXT NOT NULL DEFAULT 'Ab', note varchar( 10 ));
-- to:
create table t (
  id integer primary key, -- the number
  name text not null default 'Ab', /* shown */
  note VARCHAR(10)
);
-- expect: informs

-- case: the case of a string in double quotes counts
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT DEFAULT "New");
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT DEFAULT "new");
-- expect: statements=4

-- case: a column is added
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, note TEXT);
-- expect: statements=1 passes=1
-- expect: contains=ALTER TABLE t ADD COLUMN note TEXT

-- case: a column is added between others and the order is not looked at
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT, name TEXT);
-- expect: statements=1

-- case: a column is added to a table with constraints
-- from:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER, p INTEGER, PRIMARY KEY (id), FOREIGN KEY (p) REFERENCES p (id));
-- to:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER, p INTEGER, note TEXT COLLATE NOCASE, PRIMARY KEY (id), FOREIGN KEY (p) REFERENCES p (id));
-- expect: statements=1

-- case: a column with a constant default and NOT NULL is added
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT -1);
-- expect: statements=1

-- case: a column with a check is added
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER DEFAULT 1 CONSTRAINT n_positive CHECK (n > 0));
-- expect: statements=1

-- case: a column that refers to a table is added
-- from:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY);
-- to:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id) ON DELETE CASCADE);
-- expect: statements=1

-- case: a column that refers to a table and has a default needs the table anew
-- from:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY);
-- rows:
INSERT INTO p VALUES (1); INSERT INTO t VALUES (1), (2);
-- to:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER DEFAULT 1 REFERENCES p (id));
-- expect: contains=INSERT INTO new_t

-- case: a column with a default that is computed needs the table anew
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP, n INTEGER DEFAULT (abs(-2)));
-- expect: contains=CREATE TABLE new_t

-- case: a virtual generated column is added, a stored one needs the table anew
-- from:
CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER);
CREATE TABLE b (id INTEGER PRIMARY KEY, x INTEGER);
-- to:
CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER AS (x * 2));
CREATE TABLE b (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER GENERATED ALWAYS AS (x * 2) STORED);
-- expect: statements=5
-- expect: contains=ALTER TABLE a ADD COLUMN y INTEGER AS (x * 2)
-- expect: contains=CREATE TABLE new_b

-- case: a unique column needs the table anew
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, code TEXT UNIQUE);
-- expect: contains=new_t

-- case: a column is dropped
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, note TEXT CHECK (note <> ''));
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
-- expect: data-loss statements=1

-- case: a generated column is dropped and no data with it
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER AS (x * 2));
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER);
-- expect: statements=1

-- case: a column that an index names is dropped with the index
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, note TEXT);
CREATE INDEX t_note ON t (note);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
-- expect: data-loss statements=2

-- case: a column that a table constraint names is dropped
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, UNIQUE (a, b));
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, UNIQUE (a));
-- rows:
INSERT INTO t VALUES (1, 1, 1), (2, 2, 1);
-- expect: data-loss
-- expect: contains=new_t

-- case: a column that refers to a table is dropped
-- from:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE SET NULL);
-- to:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY);
-- expect: data-loss statements=1

-- case: all columns but the key are replaced
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, c TEXT, d TEXT);
-- expect: data-loss statements=4

-- case: no column stays, rows do
-- from:
CREATE TABLE t (a TEXT);
-- to:
CREATE TABLE t (b INTEGER UNIQUE);
-- expect: data-loss

-- case: a type changes within its affinity
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(10), n INT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n BIGINT);
-- expect: statements=4

-- case: a type changes to one that stores otherwise
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT);
-- rows:
INSERT INTO t VALUES (1, '007');
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, code INTEGER);
-- expect: data-loss

-- case: NOT NULL is added and a default stands in
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT DEFAULT 'none');
-- rows:
INSERT INTO t VALUES (1, 'a'), (2, 'b');
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'none');
-- expect: contains=coalesce(name, 'none')

-- case: NOT NULL is taken away
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);

-- case: a default changes
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER DEFAULT 1, at TEXT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER DEFAULT 2, at TEXT DEFAULT (datetime('now')));

-- case: a collation changes
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
CREATE INDEX t_name ON t (name);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE);
CREATE INDEX t_name ON t (name);

-- case: a generated column changes its expression, and a plain one becomes generated
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER AS (x * 2), z INTEGER);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER AS (x * 3), z INTEGER AS (x + 1) STORED);
-- expect: data-loss

-- case: a generated column becomes a plain one and keeps its values
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER AS (x * 2));
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER);

-- case: a column without a type
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a, b DEFAULT 3);
-- expect: statements=1

-- case: columns called by reserved words and by words that are not
-- from:
CREATE TABLE "order" ("group" INTEGER PRIMARY KEY, "select" TEXT, key TEXT, "default" TEXT DEFAULT 'default');
-- to:
CREATE TABLE "order" ("group" INTEGER PRIMARY KEY, "select" TEXT, key TEXT, "default" TEXT DEFAULT 'default', "not null" TEXT NOT NULL DEFAULT '', "größe" REAL);
-- expect: statements=2

-- case: columns called by reserved words in a table that is made anew
-- from:
CREATE TABLE "two words" ("group" INTEGER PRIMARY KEY, "a""b" TEXT, "CHECK" TEXT CHECK ("CHECK" <> ''));
CREATE UNIQUE INDEX "an index" ON "two words" ("a""b" DESC);
-- to:
CREATE TABLE "two words" ("group" INTEGER PRIMARY KEY, "a""b" TEXT NOT NULL, "CHECK" TEXT CHECK ("CHECK" <> 'x'));
CREATE UNIQUE INDEX "an index" ON "two words" ("a""b" DESC);
