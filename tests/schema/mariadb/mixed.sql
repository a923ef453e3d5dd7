-- case: a key in other letters
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY K (a), CONSTRAINT Low CHECK (a < 5));
-- rows:
INSERT INTO t VALUES (1, 2);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a), CONSTRAINT low CHECK (a < 5));

-- case: a key in other letters and over other columns
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY K (a));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY k (b));

-- case: what is computed of a column that becomes stored
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, v int AS (a % 3) VIRTUAL, w int AS (v + 1) VIRTUAL, KEY (w));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, v int AS (a % 3) STORED, w int AS (v + 1) VIRTUAL, KEY (w));

-- case: a foreign key without a name in a table with two and both change
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a) REFERENCES p (id), FOREIGN KEY (b) REFERENCES p (id));
-- to:
CREATE TABLE p (id bigint PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, a bigint, b bigint, FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE, FOREIGN KEY (b) REFERENCES p (id));

-- case: a function in other letters
-- from:
CREATE FUNCTION F() RETURNS int RETURN 1;
CREATE TABLE t (id int PRIMARY KEY);
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
-- to:
CREATE FUNCTION f() RETURNS int RETURN 1;
CREATE TABLE t (id int PRIMARY KEY);
CREATE TRIGGER X BEFORE INSERT ON t FOR EACH ROW SET @x = 1;

-- case: two tables take each other's columns
-- from:
CREATE TABLE a (id int PRIMARY KEY, x int);
CREATE TABLE b (id int PRIMARY KEY, y int);
-- to:
CREATE TABLE a (id int PRIMARY KEY, y int);
CREATE TABLE b (id int PRIMARY KEY, x int);
-- expect: data-loss

-- case: the first partition of a range goes
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN (30));
-- rows:
INSERT INTO t VALUES (1), (15);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN (30));

-- case: the oldest partition goes and a new one comes
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN (30));
-- rows:
INSERT INTO t VALUES (1), (15);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN (30), PARTITION p3 VALUES LESS THAN (40));

-- case: partitions with subpartitions come and go by columns
-- from:
CREATE TABLE t (a int NOT NULL, b varchar(5) NOT NULL) PARTITION BY RANGE COLUMNS (a, b) (PARTITION p0 VALUES LESS THAN (10, 'x'), PARTITION p1 VALUES LESS THAN (MAXVALUE, MAXVALUE));
-- rows:
INSERT INTO t VALUES (1, 'a'), (15, 'b');
-- to:
CREATE TABLE t (a int NOT NULL, b varchar(5) NOT NULL) PARTITION BY RANGE COLUMNS (a, b) (PARTITION p0 VALUES LESS THAN (5, 'x'), PARTITION p0b VALUES LESS THAN (10, 'x'), PARTITION p1 VALUES LESS THAN (MAXVALUE, MAXVALUE));

-- case: a primary key by another column and the counter goes
-- from:
CREATE TABLE t (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, u char(36) NOT NULL);
-- rows:
INSERT INTO t VALUES (1, 'a'), (2, 'b');
-- to:
CREATE TABLE t (u char(36) NOT NULL PRIMARY KEY);
-- expect: data-loss

-- case: a view over a view of a table that goes
-- from:
CREATE TABLE t (id int PRIMARY KEY);
CREATE VIEW a AS SELECT id FROM t;
CREATE VIEW b AS SELECT id FROM a;
-- to:
CREATE VIEW b AS SELECT 1 AS id;
-- expect: data-loss

-- case: a trigger and its table's column and another trigger of another time
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TRIGGER a AFTER INSERT ON t FOR EACH ROW SET @x = NEW.n;
CREATE TRIGGER b AFTER INSERT ON t FOR EACH ROW SET @x = NEW.n;
CREATE TRIGGER c BEFORE UPDATE ON t FOR EACH ROW SET @x = NEW.n;
-- to:
CREATE TABLE t (id int PRIMARY KEY, m int);
CREATE TRIGGER b AFTER INSERT ON t FOR EACH ROW SET @x = NEW.m;
CREATE TRIGGER c BEFORE UPDATE ON t FOR EACH ROW SET @x = NEW.m;
CREATE TRIGGER a AFTER INSERT ON t FOR EACH ROW FOLLOWS b SET @x = NEW.m;
-- expect: data-loss

-- case: a table with a history loses a column and gets a key
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, m int) WITH SYSTEM VERSIONING;
-- rows:
INSERT INTO t VALUES (1, 1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, m bigint, KEY (m), CONSTRAINT c CHECK (m < 9)) WITH SYSTEM VERSIONING;
-- expect: data-loss

-- case: a check without a name of a table with a history
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, CHECK (n < 10)) WITH SYSTEM VERSIONING;
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, CHECK (n < 11)) WITH SYSTEM VERSIONING;

-- case: bytes, and characters that are written with a backslash
-- from:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10) CHARACTER SET binary, b binary(4) DEFAULT 0x00010203, c char(3) DEFAULT '\0\n%');
-- rows:
-- to:
CREATE TABLE t (id int PRIMARY KEY, a varchar(12) CHARACTER SET binary, b binary(6) DEFAULT 0x000102030405, c char(4) DEFAULT '\r\Z''"');

-- case: a check with a backslash and no name
-- from:
CREATE TABLE t (id int PRIMARY KEY, n varchar(10), CHECK (n <> 'a\\b''c'));
-- rows:
INSERT INTO t VALUES (1, 'x');
-- to:
CREATE TABLE t (id int PRIMARY KEY, n varchar(10));
