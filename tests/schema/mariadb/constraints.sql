-- case: a check is added
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- rows:
INSERT INTO t VALUES (1, 4);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, CONSTRAINT positive CHECK (n > 0 AND id <> n));
-- expect: statements=1
-- expect: contains=ADD CONSTRAINT `positive` CHECK

-- case: a check is dropped
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, CONSTRAINT positive CHECK (n > 0));
-- rows:
INSERT INTO t VALUES (1, 4);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- expect: statements=1

-- case: a check changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, CONSTRAINT c CHECK (n > 0));
-- rows:
INSERT INTO t VALUES (1, 4);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, CONSTRAINT c CHECK (n > 1 OR n = '\'\\;'));
-- expect: statements=1

-- case: checks without names in another order are no difference
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, CHECK (n > 0), CHECK (n < 90));
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, CHECK (n < 90), CHECK (n > 0));
-- expect: informs

-- case: a check without a name is added and one is dropped
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, CHECK (n > 0), CHECK (n < 90));
-- rows:
INSERT INTO t VALUES (1, 4);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, CHECK (n < 90), CHECK (n < 91));
-- expect: statements=3
-- expect: contains=ADD CHECK (`n` < 91)

-- case: two checks that are alike
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, CHECK (n > 0));
-- rows:
INSERT INTO t VALUES (1, 4);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, CHECK (n > 0), CHECK (n > 0));
-- expect: statements=1

-- case: a check and its column go
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, m int, CONSTRAINT c CHECK (n > m));
-- rows:
INSERT INTO t VALUES (1, 4, 3);
-- to:
CREATE TABLE t (id int PRIMARY KEY, m int);
-- expect: data-loss statements=1

-- case: a foreign key is added
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int);
-- rows:
INSERT INTO p VALUES (1), (2);
INSERT INTO t VALUES (1, 1), (2, NULL);
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- expect: passes=1

-- case: a foreign key is dropped and its key with it
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int);
-- expect: passes=1

-- case: a foreign key is dropped and its key stays
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, KEY t_p (pid));
-- expect: statements=1
-- expect: contains=ALTER TABLE `t` DROP FOREIGN KEY `t_p`

-- case: what a foreign key does changes
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE ON UPDATE SET NULL);
-- expect: statements=2 passes=1

-- case: a foreign key refers to another table
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE q (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- rows:
INSERT INTO p VALUES (1);
INSERT INTO q VALUES (1);
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE q (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES q (id));
-- expect: statements=2

-- case: foreign keys without names in another order are no difference
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY (a), KEY (b), FOREIGN KEY (a) REFERENCES p (id), FOREIGN KEY (b) REFERENCES p (id));
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY (a), KEY (b), FOREIGN KEY (b) REFERENCES p (id), FOREIGN KEY (a) REFERENCES p (id));
-- expect: informs

-- case: a foreign key without a name is dropped
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY (a), KEY (b), FOREIGN KEY (a) REFERENCES p (id), FOREIGN KEY (b) REFERENCES p (id));
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY (a), KEY (b), FOREIGN KEY (b) REFERENCES p (id));
-- expect: statements=2

-- case: both ends of a foreign key change their type
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- to:
CREATE TABLE p (id bigint PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid bigint, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- expect: statements=4 passes=1

-- case: the character set of both ends changes
-- from:
CREATE TABLE p (id varchar(10) PRIMARY KEY) DEFAULT CHARSET latin1;
CREATE TABLE t (id int PRIMARY KEY, pid varchar(10), CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id)) DEFAULT CHARSET latin1;
-- to:
CREATE TABLE p (id varchar(10) PRIMARY KEY) DEFAULT CHARSET utf8mb4;
CREATE TABLE t (id int PRIMARY KEY, pid varchar(10), CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id)) DEFAULT CHARSET utf8mb4;
-- expect: statements=4 passes=1

-- case: the column of a foreign key becomes NOT NULL and stays
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- rows:
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int NOT NULL COMMENT 'of p', CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- expect: statements=1

-- case: the key under a foreign key is replaced by a wider one
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, n int, KEY k (pid), CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, n int, KEY k2 (pid, n), CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));

-- case: the key that a foreign key refers to is replaced
-- from:
CREATE TABLE p (id int PRIMARY KEY, u int, UNIQUE KEY a (u));
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (u));
-- to:
CREATE TABLE p (id int PRIMARY KEY, u int, KEY b (u, id));
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (u));

-- case: a table that refers to itself
-- from:
CREATE TABLE t (id int PRIMARY KEY, up int);
-- rows:
INSERT INTO t VALUES (1, NULL), (2, 1);
-- to:
CREATE TABLE t (id int PRIMARY KEY, up int, CONSTRAINT t_up FOREIGN KEY (up) REFERENCES t (id) ON DELETE CASCADE);

-- case: a table that refers to itself is made
-- from:
-- to:
CREATE TABLE t (id int PRIMARY KEY, up int, CONSTRAINT t_up FOREIGN KEY (up) REFERENCES t (id) ON DELETE CASCADE);
-- expect: statements=1 passes=1

-- case: two tables that refer to each other are made
-- from:
-- to:
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int, CONSTRAINT b_a FOREIGN KEY (a) REFERENCES a (id));
ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b) REFERENCES b (id);
-- expect: statements=3 passes=1

-- case: two tables that refer to each other go
-- from:
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int, CONSTRAINT b_a FOREIGN KEY (a) REFERENCES a (id));
ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b) REFERENCES b (id);
-- to:
-- expect: data-loss passes=1

-- case: a table that others refer to goes with those keys
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, KEY k (pid), CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- rows:
INSERT INTO t VALUES (1, NULL);
-- to:
CREATE TABLE t (id int PRIMARY KEY, pid int, KEY k (pid));
-- expect: data-loss statements=2

-- case: a new table refers to one that is changed for it
-- from:
CREATE TABLE p (id int PRIMARY KEY, code varchar(10) NOT NULL);
-- to:
CREATE TABLE p (id int PRIMARY KEY, code varchar(10) NOT NULL, UNIQUE KEY (code));
CREATE TABLE a (id int PRIMARY KEY, code varchar(10), CONSTRAINT a_p FOREIGN KEY (code) REFERENCES p (code));
-- expect: statements=3 passes=1

-- case: the name of a foreign key passes to another table
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE a (id int PRIMARY KEY, pid int, KEY k (pid), CONSTRAINT fk FOREIGN KEY (pid) REFERENCES p (id));
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY, pid int, KEY k (pid), CONSTRAINT fk FOREIGN KEY (pid) REFERENCES p (id));
-- expect: data-loss

-- case: a foreign key over several columns
-- from:
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE t (id int PRIMARY KEY, x int, y int);
-- to:
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE t (id int PRIMARY KEY, x int, y int, CONSTRAINT f FOREIGN KEY (x, y) REFERENCES p (a, b));

-- case: a column with a foreign key is added
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));

-- case: a column with a foreign key goes
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY);
-- expect: data-loss passes=1

-- case: a check without a name goes and one of the same words with a name stays
-- from:
CREATE TABLE t (id INT PRIMARY KEY, a INT, CONSTRAINT x CHECK (a > -1000), CHECK (a > -1000));
-- to:
CREATE TABLE t (id INT PRIMARY KEY, a INT, CONSTRAINT x CHECK (a > -1000));
-- expect: contains=NOT IN ('x')

-- case: two checks of the same words, and only one of them has a name
-- from:
CREATE TABLE t (id INT PRIMARY KEY, a INT);
-- to:
CREATE TABLE t (id INT PRIMARY KEY, a INT, CONSTRAINT a_check CHECK (a > -1000), CHECK (a > -1000));
