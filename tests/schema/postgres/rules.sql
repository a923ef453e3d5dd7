-- case: rules come
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE log (id int, at timestamptz);
CREATE VIEW v AS SELECT id, n FROM t;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE log (id int, at timestamptz);
CREATE VIEW v AS SELECT id, n FROM t;
CREATE RULE v_insert AS ON INSERT TO v DO INSTEAD (INSERT INTO t VALUES (NEW.id, NEW.n); INSERT INTO log VALUES (NEW.id, now()));
CREATE RULE t_update AS ON UPDATE TO t WHERE NEW.n < 0 DO ALSO INSERT INTO log VALUES (OLD.id, now());
CREATE RULE "No Delete" AS ON DELETE TO t DO INSTEAD NOTHING;
ALTER TABLE t DISABLE RULE "No Delete";

-- case: a rule changes and another goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE log (id int, at timestamptz);
CREATE RULE a AS ON UPDATE TO t DO ALSO INSERT INTO log VALUES (OLD.id, now());
CREATE RULE b AS ON DELETE TO t DO ALSO INSERT INTO log VALUES (OLD.id, now());
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE log (id int, at timestamptz);
CREATE RULE a AS ON UPDATE TO t DO ALSO INSERT INTO log VALUES (NEW.id, now());

-- case: a rule is enabled always, then disabled
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE RULE a AS ON UPDATE TO t DO ALSO NOTHING;
CREATE RULE b AS ON DELETE TO t DO ALSO NOTHING;
ALTER TABLE t DISABLE RULE b;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE RULE a AS ON UPDATE TO t DO ALSO NOTHING;
ALTER TABLE t ENABLE ALWAYS RULE a;
CREATE RULE b AS ON DELETE TO t DO ALSO NOTHING;

-- case: a rule over a column that changes its type, on a view that is made anew
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE VIEW v AS SELECT id, n FROM t;
CREATE RULE v_insert AS ON INSERT TO v DO INSTEAD INSERT INTO t VALUES (NEW.id, NEW.n);
CREATE RULE t_update AS ON UPDATE TO t WHERE NEW.n < 0 DO INSTEAD NOTHING;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n bigint);
CREATE VIEW v AS SELECT id, n FROM t;
CREATE RULE v_insert AS ON INSERT TO v DO INSTEAD INSERT INTO t VALUES (NEW.id, NEW.n);
CREATE RULE t_update AS ON UPDATE TO t WHERE NEW.n < 0 DO INSTEAD NOTHING;

-- case: a parent goes whose rule writes to a child that goes with it
-- from:
CREATE TABLE note (id int, kind int);
CREATE TABLE order_note () INHERITS (note);
CREATE RULE into_child AS ON INSERT TO note WHERE new.kind = 1 DO INSTEAD INSERT INTO order_note VALUES (new.id, new.kind);
-- to:
-- expect: data-loss
