-- case: an index is added, one changes and one goes
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER);
CREATE INDEX t_a ON t (a);
CREATE INDEX t_b ON t (b);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER);
CREATE INDEX t_a ON t (a COLLATE NOCASE DESC, b);
CREATE INDEX t_lower ON t (lower(a)) WHERE b > 0;
-- expect: statements=4

-- case: an index becomes unique
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE INDEX t_a ON t (a);
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE UNIQUE INDEX t_a ON t (a);
-- expect: statements=2

-- case: an index goes to another table
-- from:
CREATE TABLE a (x TEXT);
CREATE TABLE b (x TEXT);
CREATE INDEX i ON a (x);
-- to:
CREATE TABLE a (x TEXT);
CREATE TABLE b (x TEXT);
CREATE INDEX i ON b (x);

-- case: a table gets the name of an index
-- from:
CREATE TABLE a (x TEXT);
CREATE INDEX i ON a (x);
-- to:
CREATE TABLE a (x TEXT);
CREATE TABLE i (x TEXT);

-- case: a table gets the name of an index whose table goes
-- from:
CREATE TABLE a (x TEXT);
CREATE INDEX i ON a (x);
-- to:
CREATE TABLE i (x TEXT);
-- expect: data-loss

-- case: indexes stay on a table that is made anew
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER);
CREATE INDEX t_a ON t (a);
CREATE UNIQUE INDEX t_ab ON t (a, b) WHERE b IS NOT NULL;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INTEGER);
CREATE INDEX t_a ON t (a);
CREATE UNIQUE INDEX t_ab ON t (a, b) WHERE b IS NOT NULL;
-- expect: statements=6

-- case: a view changes
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE VIEW v AS SELECT id FROM t;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE VIEW v (number, name) AS SELECT id, a FROM t;
-- expect: statements=2

-- case: views over views
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE VIEW z AS SELECT id, a FROM t;
CREATE VIEW a AS SELECT id FROM z;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
CREATE VIEW z AS SELECT id, b FROM t;
CREATE VIEW a AS SELECT id, b FROM z;

-- case: a view names a column that goes
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
CREATE VIEW v AS SELECT id, b FROM t;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE VIEW v AS SELECT id, a FROM t;
-- expect: data-loss statements=3

-- case: views and triggers that name a table which is made anew stay
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE TABLE log (line TEXT);
CREATE VIEW v AS SELECT a FROM t;
CREATE TRIGGER t_in AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('t ' || new.a); END;
CREATE TRIGGER log_in AFTER INSERT ON log WHEN new.line = 'clear' BEGIN DELETE FROM t WHERE id < 0; END;
-- rows:
INSERT INTO t VALUES (1, 'x');
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE);
CREATE TABLE log (line TEXT);
CREATE VIEW v AS SELECT a FROM t;
CREATE TRIGGER t_in AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('t ' || new.a); END;
CREATE TRIGGER log_in AFTER INSERT ON log WHEN new.line = 'clear' BEGIN DELETE FROM t WHERE id < 0; END;
-- expect: contains=PRAGMA legacy_alter_table = ON
-- expect: lacks=DROP TRIGGER

-- case: no rows are lost to triggers while a table is made anew
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE TABLE kept (id INTEGER PRIMARY KEY, a TEXT);
CREATE TRIGGER t_out AFTER DELETE ON t BEGIN DELETE FROM kept WHERE id = old.id; END;
CREATE TRIGGER t_in BEFORE INSERT ON t BEGIN SELECT raise(ABORT, 'no') WHERE new.a IS NULL; END;
-- rows:
INSERT INTO t VALUES (1, 'x');
INSERT INTO kept VALUES (1, 'x');
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT '');
CREATE TABLE kept (id INTEGER PRIMARY KEY, a TEXT);
CREATE TRIGGER t_out AFTER DELETE ON t BEGIN DELETE FROM kept WHERE id = old.id; END;
CREATE TRIGGER t_in BEFORE INSERT ON t BEGIN SELECT raise(ABORT, 'no') WHERE new.a IS NULL; END;

-- case: a trigger is added, one changes and one goes
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE TRIGGER one AFTER INSERT ON t BEGIN SELECT 1; END;
CREATE TRIGGER two AFTER UPDATE OF a ON t BEGIN SELECT 2; END;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE TRIGGER two BEFORE UPDATE OF a ON t FOR EACH ROW WHEN old.a IS NOT new.a BEGIN SELECT 2; SELECT CASE WHEN 1 THEN 2 END; END;
CREATE TRIGGER three AFTER DELETE ON t BEGIN SELECT 3; END;
-- expect: statements=4

-- case: a trigger on a view goes with the view and comes back
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE VIEW v AS SELECT id FROM t;
CREATE TRIGGER v_in INSTEAD OF INSERT ON v BEGIN INSERT INTO t (id) VALUES (new.id); END;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE VIEW v AS SELECT id, a FROM t;
CREATE TRIGGER v_in INSTEAD OF INSERT ON v BEGIN INSERT INTO t (id) VALUES (new.id); END;
-- expect: statements=3

-- case: triggers go with their table
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY);
CREATE TRIGGER one AFTER INSERT ON t BEGIN SELECT 1; END;
CREATE INDEX i ON t (id);
-- to:
CREATE TABLE u (id INTEGER PRIMARY KEY);
-- expect: data-loss statements=2

-- case: a trigger goes to another table
-- from:
CREATE TABLE a (x TEXT);
CREATE TABLE b (x TEXT);
CREATE TRIGGER i AFTER INSERT ON a BEGIN SELECT 1; END;
-- to:
CREATE TABLE a (x TEXT);
CREATE TABLE b (x TEXT NOT NULL);
CREATE TRIGGER i AFTER INSERT ON b BEGIN SELECT 1; END;

-- case: a trigger names a column that goes
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
CREATE TABLE log (line TEXT);
CREATE TRIGGER t_in AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.b); END;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE TABLE log (line TEXT);
CREATE TRIGGER t_in AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END;
-- expect: data-loss

-- case: a view that looks at every column
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE VIEW v AS SELECT * FROM t;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT UNIQUE);
CREATE VIEW v AS SELECT * FROM t;
-- expect: data-loss

-- case: several tables are made anew, with a view over them
-- from:
CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER);
CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id) ON DELETE CASCADE, n INTEGER);
CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, b INTEGER REFERENCES b (id) ON DELETE CASCADE, n INTEGER);
CREATE VIEW v AS SELECT a.n, b.n AS bn, c.n AS cn FROM a JOIN b ON b.a = a.id JOIN c ON c.b = b.id;
-- rows:
INSERT INTO a VALUES (1, 1), (2, 2);
INSERT INTO b VALUES (1, 1, 1), (2, 2, 2);
INSERT INTO c VALUES (1, 1, 1), (2, 2, 2);
-- to:
CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id) ON DELETE CASCADE, n INTEGER NOT NULL);
CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, b INTEGER REFERENCES b (id) ON DELETE CASCADE, n INTEGER NOT NULL);
CREATE VIEW v AS SELECT a.n, b.n AS bn, c.n AS cn FROM a JOIN b ON b.a = a.id JOIN c ON c.b = b.id;

-- case: a column goes while a view that stays names one that goes
-- from:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
CREATE VIEW low AS SELECT id, a FROM t;
CREATE VIEW high AS SELECT id FROM low;
-- to:
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE VIEW low AS SELECT a, id FROM t;
CREATE VIEW high AS SELECT id FROM low;
-- expect: data-loss lacks=new_t
