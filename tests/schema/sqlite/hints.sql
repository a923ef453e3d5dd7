-- case: a table is renamed
-- from:
CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES people (id) ON DELETE CASCADE);
CREATE INDEX people_name ON people (name);
CREATE VIEW v AS SELECT name FROM people;
CREATE TRIGGER people_in AFTER INSERT ON people BEGIN UPDATE people SET name = trim(name) WHERE id = new.id; END;
-- to:
-- dbfleet:renamed-from people
CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES person (id) ON DELETE CASCADE);
CREATE INDEX people_name ON person (name);
CREATE VIEW v AS SELECT name FROM person;
CREATE TRIGGER people_in AFTER INSERT ON person BEGIN UPDATE person SET name = trim(name) WHERE id = new.id; END;
-- expect: statements=1
-- expect: contains=ALTER TABLE people RENAME TO person

-- case: a column is renamed
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, CHECK (a <> ''));
CREATE INDEX t_a ON t (a);
CREATE VIEW v AS SELECT a FROM t;
-- to:
CREATE TABLE t (
  id INTEGER PRIMARY KEY,
  "The name" TEXT, -- dbfleet:renamed-from a
  CHECK ("The name" <> '')
);
CREATE INDEX t_a ON t ("The name");
CREATE VIEW v AS SELECT "The name" FROM t;
-- expect: statements=1
-- expect: contains=ALTER TABLE t RENAME COLUMN a TO "The name"

-- case: a table and its column are renamed and it is made anew
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n INTEGER);
-- to:
-- dbfleet:renamed-from t
CREATE TABLE u (
  id INTEGER PRIMARY KEY,
  -- dbfleet:renamed-from a
  b TEXT NOT NULL DEFAULT 'x',
  n INTEGER UNIQUE
);
-- expect: contains=ALTER TABLE t RENAME TO u
-- expect: contains=coalesce(b, 'x')
-- expect: lacks=renamed-from

-- case: a name that is there already is no new name
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
-- to:
CREATE TABLE t (
  id INTEGER PRIMARY KEY,
  b TEXT -- dbfleet:renamed-from a
);
-- expect: refused

-- case: a hint that is done with
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT);
-- to:
CREATE TABLE t (
  id INTEGER PRIMARY KEY,
  b TEXT, -- dbfleet:renamed-from a
  c TEXT
);
-- expect: statements=1

-- case: a value is computed for a new column
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, first TEXT, last TEXT);
-- rows:
INSERT INTO t VALUES (1, 'Ada', 'Lovelace');
-- to:
-- dbfleet:using t.name = first || ' ' || last
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
-- expect: data-loss
-- expect: contains=first || ' ' || last

