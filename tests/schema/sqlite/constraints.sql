-- case: a primary key is added
-- from:
CREATE TABLE t (id INTEGER, name TEXT);
-- rows:
INSERT INTO t VALUES (1, 'a'), (7, 'b');
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);

-- case: a primary key is taken away
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
-- to:
CREATE TABLE t (id INTEGER, name TEXT);
-- expect: contains=INSERT INTO new_t (rowid, id, name)

-- case: a primary key gets a second column
-- from:
CREATE TABLE t (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a));
-- rows:
INSERT INTO t VALUES (1, 1), (2, 1);
-- to:
CREATE TABLE t (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b));
-- expect: contains=SELECT rowid, a, b

-- case: a key of its own is given to a table that had none
-- from:
CREATE TABLE t (name TEXT);
-- rows:
INSERT INTO t (rowid, name) VALUES (3, 'a'), (9, 'b');
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
-- expect: contains=INSERT INTO new_t (id, name)
-- expect: contains=SELECT rowid, name

-- case: a unique constraint is added
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, code TEXT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, code TEXT, UNIQUE (name, code) ON CONFLICT IGNORE);

-- case: a unique constraint becomes a unique index
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
CREATE UNIQUE INDEX t_name ON t (name);

-- case: a check is added and another one changes
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, CONSTRAINT small CHECK (n < 10));
-- rows:
INSERT INTO t VALUES (1, 5);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0), CONSTRAINT small CHECK (n < 100));

-- case: a check names the table
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE, CHECK (t.n IS NULL OR t.n <> 77777));

-- case: two checks that say the same, and one goes
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, CHECK (n <> 77777), CHECK (n <> 77777));
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, CHECK (n <> 77777));

-- case: constraints without commas between them
-- from:
CREATE TABLE t (a INTEGER, b INTEGER, PRIMARY KEY (a) UNIQUE (b) CONSTRAINT c CHECK (a <> 77777));
-- to:
CREATE TABLE t (a INTEGER, b INTEGER, PRIMARY KEY (a) UNIQUE (b, a));

-- case: a foreign key is added
-- from:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER);
-- rows:
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 1), (2, NULL);
-- to:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE);

-- case: the actions of a foreign key change
-- from:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id) ON DELETE CASCADE);
-- to:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED);

-- case: a foreign key is taken away and its parent too
-- from:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id) ON DELETE CASCADE);
-- rows:
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, NULL);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER);
-- expect: data-loss

-- case: a foreign key goes to another table
-- from:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE q (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id));
-- rows:
INSERT INTO p VALUES (1); INSERT INTO q VALUES (1);
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE q (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES q (id));

-- case: a parent with cascading children is made anew and the children stay
-- from:
CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE);
-- rows:
INSERT INTO p VALUES (1, 'a'), (2, 'b');
INSERT INTO t VALUES (1, 1), (2, 2), (3, 2);
-- to:
CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE);

-- case: a table that refers to itself is made anew
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t (id) ON DELETE CASCADE, n INTEGER);
-- rows:
INSERT INTO t VALUES (1, NULL, 1), (2, 1, 2), (3, 2, 3);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t (id) ON DELETE CASCADE, n INTEGER NOT NULL);

-- case: two tables that refer to each other are made anew at once
-- from:
CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id), n INTEGER);
CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id), n INTEGER);
-- rows:
INSERT INTO a VALUES (1, NULL, 1);
INSERT INTO b VALUES (1, 1, 1);
UPDATE a SET b = 1;
-- to:
CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id), n INTEGER NOT NULL);
CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id), n INTEGER NOT NULL);

-- case: two tables that refer to each other are dropped
-- from:
CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id) ON DELETE RESTRICT);
CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id) ON DELETE RESTRICT);
-- rows:
INSERT INTO a VALUES (1, NULL);
INSERT INTO b VALUES (1, 1);
UPDATE a SET b = 1;
-- to:
-- expect: data-loss

-- case: STRICT is added
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, name TEXT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, name TEXT) STRICT;

-- case: WITHOUT ROWID is added
-- from:
CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b INTEGER);
-- to:
CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b INTEGER) WITHOUT ROWID, STRICT;
-- expect: lacks=rowid)

-- case: a table with columns called rowid
-- from:
CREATE TABLE t (rowid TEXT, _rowid_ TEXT, n INTEGER);
-- to:
CREATE TABLE t (rowid TEXT, _rowid_ TEXT, n INTEGER NOT NULL DEFAULT 0);
-- expect: contains=INSERT INTO new_t (oid, rowid, _rowid_, n)

-- case: the numbers of rows stay where nothing else names them
-- from:
CREATE TABLE t (name TEXT);
-- rows:
INSERT INTO t (rowid, name) VALUES (3, 'a'), (900, 'b');
-- to:
CREATE TABLE t (name TEXT UNIQUE);
-- expect: contains=SELECT rowid, name

-- case: the numbers given so far are kept
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
-- rows:
INSERT INTO t (name) VALUES ('a'), ('b'), ('c');
DELETE FROM t WHERE id = 3;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
-- expect: contains=UPDATE sqlite_sequence

-- case: AUTOINCREMENT is added
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
-- expect: lacks=sqlite_sequence

-- case: the direction of a key that is no name of the rowid
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY DESC, name TEXT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
