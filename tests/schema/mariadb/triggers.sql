-- case: a trigger is made
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.n = NEW.n;
-- expect: statements=1 passes=1
-- expect: lacks=FOLLOWS

-- case: a trigger is dropped
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.n = NEW.n;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- expect: statements=1

-- case: the body of a trigger changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.n = NEW.n;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN IF NEW.n IS NULL THEN SET NEW.n = 1; END IF; END;
-- expect: statements=1
-- expect: contains=CREATE OR REPLACE TRIGGER `g`

-- case: a trigger whose body is no block
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW IF NEW.n > 3 THEN SET NEW.n = 3; END IF;
-- expect: statements=1

-- case: when a trigger acts
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER g AFTER UPDATE ON t FOR EACH ROW SET @x = 1;
-- expect: statements=1

-- case: a trigger is made behind others
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER z BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER z BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 2;
-- expect: statements=1
-- expect: lacks=FOLLOWS

-- case: a trigger is made before others
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER z BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 2;
CREATE TRIGGER z BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
-- expect: statements=1
-- expect: contains=PRECEDES `z`

-- case: a trigger is made between others
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
CREATE TRIGGER c BEFORE INSERT ON t FOR EACH ROW SET @x = 3;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
CREATE TRIGGER b BEFORE INSERT ON t FOR EACH ROW SET @x = 2;
CREATE TRIGGER c BEFORE INSERT ON t FOR EACH ROW SET @x = 3;
-- expect: statements=1
-- expect: contains=FOLLOWS `a`

-- case: triggers change places
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
CREATE TRIGGER b BEFORE INSERT ON t FOR EACH ROW SET @x = 2;
CREATE TRIGGER c BEFORE INSERT ON t FOR EACH ROW SET @x = 3;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER c BEFORE INSERT ON t FOR EACH ROW SET @x = 3;
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
CREATE TRIGGER b BEFORE INSERT ON t FOR EACH ROW SET @x = 2;
-- expect: statements=1 passes=1

-- case: the first of several triggers goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
CREATE TRIGGER b BEFORE INSERT ON t FOR EACH ROW SET @x = 2;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER b BEFORE INSERT ON t FOR EACH ROW SET @x = 2;
-- expect: statements=1

-- case: the middle one of several triggers changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
CREATE TRIGGER b BEFORE INSERT ON t FOR EACH ROW SET @x = 2;
CREATE TRIGGER c BEFORE INSERT ON t FOR EACH ROW SET @x = 3;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
CREATE TRIGGER b BEFORE INSERT ON t FOR EACH ROW SET @x = 20;
CREATE TRIGGER c BEFORE INSERT ON t FOR EACH ROW SET @x = 3;
-- expect: statements=1 passes=1

-- case: the first of several triggers changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
CREATE TRIGGER b BEFORE INSERT ON t FOR EACH ROW SET @x = 2;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @x = 10;
CREATE TRIGGER b BEFORE INSERT ON t FOR EACH ROW SET @x = 2;
-- expect: statements=1 passes=1

-- case: a trigger passes to another table
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE u (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE u (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON u FOR EACH ROW SET @x = 1;
-- expect: passes=1

-- case: a table goes with its triggers
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
-- to:
-- expect: data-loss statements=1

-- case: a table of a new name takes the trigger over
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
-- to:
CREATE TABLE other (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON other FOR EACH ROW SET @x = 1;
-- expect: data-loss passes=1

-- case: a trigger uses a column that is added
-- from:
CREATE TABLE t (id int PRIMARY KEY);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @x = NEW.id;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.n = NEW.id;
-- expect: statements=2
