-- case: a table is made and another one dropped
-- from:
CREATE TABLE a (id INTEGER PRIMARY KEY);
-- to:
CREATE TABLE b (
    id INTEGER PRIMARY KEY, -- its number
    name TEXT NOT NULL
);
-- expect: data-loss statements=2
-- expect: contains=-- its number

-- case: an empty schema
-- from:
-- to:
CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id));
CREATE TABLE b (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE UNIQUE);
CREATE INDEX b_name ON b (name);
CREATE VIEW v AS SELECT a.id, b.name FROM a JOIN b ON b.id = a.b;
CREATE TRIGGER a_in AFTER INSERT ON a BEGIN UPDATE b SET name = name || '' WHERE id = new.b; END;
-- expect: passes=1

-- case: tables that are quoted every way there is
-- from:
CREATE TABLE "a b" (x);
CREATE TABLE [c d] (x);
CREATE TABLE `e f` (x);
CREATE TABLE "g h" ('i j' TEXT, k TEXT);
-- to:
CREATE TABLE "a b" (x UNIQUE);
CREATE TABLE [c d] ([x] TEXT);
CREATE TABLE `e f` (`x` INT);
CREATE TABLE "g h" ('i j' TEXT NOT NULL, k TEXT);
-- expect: data-loss

-- case: names beyond ASCII
-- from:
CREATE TABLE größe (äpfel TEXT, Ä TEXT);
-- to:
CREATE TABLE größe (äpfel TEXT NOT NULL, Ä TEXT, "naïve name" TEXT);
-- expect: contains=INSERT INTO new_größe

-- case: the name for the new table is taken
-- from:
CREATE TABLE t (n INTEGER);
CREATE TABLE new_t (n INTEGER);
-- to:
CREATE TABLE t (n INTEGER UNIQUE);
CREATE TABLE new_t (n INTEGER);
-- expect: contains=CREATE TABLE new2_t

-- case: a table becomes a view, and a view a table
-- from:
CREATE TABLE a (x INTEGER);
CREATE TABLE base (x INTEGER);
CREATE VIEW b AS SELECT x FROM base;
-- to:
CREATE TABLE base (x INTEGER);
CREATE VIEW a AS SELECT x FROM base;
CREATE TABLE b (x INTEGER);
-- expect: data-loss

-- case: the order of columns alone is no difference
-- from:
CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER);
-- to:
CREATE TABLE t (c INTEGER, a INTEGER, b INTEGER);
-- expect: informs

-- case: a table made from a query
-- from:
CREATE TABLE a (x INTEGER, y TEXT);
CREATE TABLE b AS SELECT x, y, x + 1 AS z FROM a;
-- to:
CREATE TABLE a (x INTEGER, y TEXT);
CREATE TABLE b (x INTEGER, y TEXT, z INTEGER);
-- expect: data-loss
-- expect: contains=new_b

-- case: a comment for people stays in the table, one for dbfleet does not
-- from:
-- to:
CREATE TABLE t (
    id INTEGER PRIMARY KEY, -- the number
    -- dbfleet:renamed-from old
    name TEXT
);
-- expect: contains=-- the number
-- expect: lacks=dbfleet:renamed

-- case: a full text index over a table
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT);
CREATE VIRTUAL TABLE t_text USING fts5(body, content = 't', content_rowid='id');
CREATE TRIGGER t_in AFTER INSERT ON t BEGIN INSERT INTO t_text (rowid, body) VALUES (new.id, new.body); END;

-- case: a virtual table cannot be changed
-- from:
CREATE VIRTUAL TABLE f USING fts5(a, b);
-- to:
CREATE VIRTUAL TABLE f USING fts5(a, b, c);
-- expect: refused

-- case: tables of a module and of the library are not looked at
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE VIRTUAL TABLE f USING fts5(a, b);
CREATE VIRTUAL TABLE r USING rtree(id, x0, x1);
ANALYZE;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE VIRTUAL TABLE f USING fts5 (a,b);
CREATE VIRTUAL TABLE r USING rtree(id,x0,x1);
-- expect: informs

-- case: a virtual table is dropped
-- from:
CREATE VIRTUAL TABLE r USING rtree(id, x0, x1);
CREATE TABLE t (a TEXT);
-- to:
CREATE TABLE t (a TEXT);
-- expect: data-loss statements=1

-- case: a table whose rows restrict each other is dropped
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t (id) ON DELETE RESTRICT);
CREATE TABLE u (id INTEGER PRIMARY KEY);
-- rows:
INSERT INTO t VALUES (1, NULL), (2, 1);
-- to:
CREATE TABLE u (id INTEGER PRIMARY KEY);
-- expect: data-loss
