-- case: a column becomes longer
-- from:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10));
-- rows:
INSERT INTO t VALUES (1, 'a');
-- to:
CREATE TABLE t (id int PRIMARY KEY, name varchar(20));
-- expect: statements=1

-- case: integers become larger
-- from:
CREATE TABLE t (id int PRIMARY KEY, a tinyint, b smallint, c mediumint, d int unsigned);
-- to:
CREATE TABLE t (id bigint PRIMARY KEY, a smallint, b mediumint, c int, d bigint);
-- expect: statements=1

-- case: an integer becomes unsigned
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- rows:
INSERT INTO t VALUES (1, 3);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int unsigned);
-- expect: data-loss statements=1

-- case: only the width for display differs
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int(5), z int(4) zerofill);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int(9), z int(6) zerofill);
-- expect: statements=1

-- case: decimals get more digits
-- from:
CREATE TABLE t (id int PRIMARY KEY, n decimal(8,2));
-- to:
CREATE TABLE t (id int PRIMARY KEY, n decimal(12,4));
-- expect: statements=1

-- case: an integer becomes a decimal
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- rows:
INSERT INTO t VALUES (1, 12), (2, -3);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n decimal(14,2));
-- expect: statements=1

-- case: a float becomes a double
-- from:
CREATE TABLE t (id int PRIMARY KEY, n float);
-- rows:
INSERT INTO t VALUES (1, 0.5);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n double);
-- expect: statements=1

-- case: a varchar becomes a text
-- from:
CREATE TABLE t (id int PRIMARY KEY, n varchar(50));
-- to:
CREATE TABLE t (id int PRIMARY KEY, n text);
-- expect: statements=1

-- case: a text becomes a longtext
-- from:
CREATE TABLE t (id int PRIMARY KEY, n text, b blob);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n longtext, b longblob);
-- expect: statements=1

-- case: a char becomes a varchar
-- from:
CREATE TABLE t (id int PRIMARY KEY, n char(4));
-- to:
CREATE TABLE t (id int PRIMARY KEY, n varchar(4));
-- expect: statements=1

-- case: a date becomes a datetime
-- from:
CREATE TABLE t (id int PRIMARY KEY, n date);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n datetime(6));
-- expect: statements=1

-- case: a time gets digits of a fraction
-- from:
CREATE TABLE t (id int PRIMARY KEY, n time, s timestamp NULL);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n time(3), s timestamp(6) NULL);
-- expect: statements=1

-- case: a number becomes a text
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- rows:
INSERT INTO t VALUES (1, 12), (2, -3);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n varchar(20));
-- expect: statements=1

-- case: json and its check
-- from:
CREATE TABLE t (id int PRIMARY KEY, n longtext);
-- rows:
INSERT INTO t VALUES (1, '{}');
-- to:
CREATE TABLE t (id int PRIMARY KEY, n json);
-- expect: statements=1

-- case: types of MariaDB's own
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id int PRIMARY KEY, u uuid, a inet6, b inet4, y year, bi bit(5), g geometry, p point, vb varbinary(20));
-- expect: statements=1

-- case: a spatial column with a reference system
-- from:
CREATE TABLE t (id int PRIMARY KEY, g point NOT NULL);
-- to:
CREATE TABLE t (id int PRIMARY KEY, g point REF_SYSTEM_ID=101 NOT NULL);
-- expect: informs

-- case: a label is appended to an enum
-- from:
CREATE TABLE t (id int PRIMARY KEY, s enum('a','b'));
-- to:
CREATE TABLE t (id int PRIMARY KEY, s enum('a','b','it''s, c'));
-- expect: statements=1

-- case: a label is put between others
-- from:
CREATE TABLE t (id int PRIMARY KEY, s enum('a','c') NOT NULL DEFAULT 'c');
-- rows:
INSERT INTO t VALUES (1, 'a'), (2, 'c');
-- to:
CREATE TABLE t (id int PRIMARY KEY, s enum('a','b','c') NOT NULL DEFAULT 'c');
-- expect: statements=1

-- case: labels change places
-- from:
CREATE TABLE t (id int PRIMARY KEY, s enum('a','b','c'));
-- rows:
INSERT INTO t VALUES (1, 'a'), (2, 'c');
-- to:
CREATE TABLE t (id int PRIMARY KEY, s enum('c','b','a'));
-- expect: statements=1

-- case: a label is taken away
-- from:
CREATE TABLE t (id int PRIMARY KEY, s enum('a','b','c'));
-- rows:
INSERT INTO t VALUES (1, 'a'), (2, 'c');
-- to:
CREATE TABLE t (id int PRIMARY KEY, s enum('a','c'));
-- expect: data-loss statements=1

-- case: a label is renamed by a hint
-- from:
CREATE TABLE t (id int PRIMARY KEY, s enum('new','old') NOT NULL DEFAULT 'new', at timestamp NOT NULL DEFAULT '2001-01-01 00:00:00' ON UPDATE current_timestamp());
-- rows:
INSERT INTO t VALUES (1, 'new', '2001-01-01 00:00:00'), (2, 'old', '2001-01-01 00:00:00');
-- to:
CREATE TABLE t (
  id int PRIMARY KEY,
  s enum(
    'fresh', -- dbfleet:renamed-from new
    'old'
  ) NOT NULL DEFAULT 'fresh',
  at timestamp NOT NULL DEFAULT '2001-01-01 00:00:00' ON UPDATE current_timestamp());
-- expect: contains=UPDATE `t` SET `s` = 'fresh'

-- case: members of a set
-- from:
CREATE TABLE t (id int PRIMARY KEY, s set('a','b'));
-- to:
CREATE TABLE t (id int PRIMARY KEY, s set('a','b','c'));
-- expect: statements=1

-- case: an enum becomes a varchar
-- from:
CREATE TABLE t (id int PRIMARY KEY, s enum('a','bb'));
-- rows:
INSERT INTO t VALUES (1, 'a'), (2, 'bb');
-- to:
CREATE TABLE t (id int PRIMARY KEY, s varchar(10));
-- expect: statements=1

-- case: a varchar becomes an enum
-- from:
CREATE TABLE t (id int PRIMARY KEY, s varchar(10));
-- rows:
INSERT INTO t VALUES (1, 'a'), (2, 'bb');
-- to:
CREATE TABLE t (id int PRIMARY KEY, s enum('a','bb','c'));
-- expect: data-loss statements=1

-- case: a column becomes of another type by an expression
-- from:
CREATE TABLE t (id int PRIMARY KEY, at bigint NOT NULL, n int, changed timestamp NOT NULL DEFAULT '2001-01-01 00:00:00' ON UPDATE current_timestamp(), KEY k (at, n), CONSTRAINT c CHECK (at > 0));
-- rows:
INSERT INTO t VALUES (1, 86400, 1, '2001-01-01 00:00:00'), (2, 172800, 2, '2001-01-01 00:00:00');
-- to:
-- dbfleet:using t.at = from_unixtime(`at`)
CREATE TABLE t (id int PRIMARY KEY, at datetime NOT NULL, n int, changed timestamp NOT NULL DEFAULT '2001-01-01 00:00:00' ON UPDATE current_timestamp(), KEY k (at, n), CONSTRAINT c CHECK (at > 0));
-- expect: data-loss statements=3 passes=1
-- expect: contains=UPDATE `t` SET `dbfleet_new_2` = from_unixtime(`at`), `changed` = `changed`

-- case: both ends of a foreign key become of another type by expressions
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, pid int, CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- rows:
INSERT INTO p VALUES (1), (2);
INSERT INTO t VALUES (1, 2);
-- to:
-- dbfleet:using p.id = lpad(id, 5, '0')
CREATE TABLE p (id varchar(20) PRIMARY KEY);
-- dbfleet:using t.pid = lpad(pid, 5, '0')
CREATE TABLE t (id int PRIMARY KEY, pid varchar(20), CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id));
-- expect: data-loss passes=1
