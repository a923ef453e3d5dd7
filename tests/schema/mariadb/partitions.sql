-- case: a table is partitioned by range
-- from:
CREATE TABLE t (id int NOT NULL, n int);
-- rows:
INSERT INTO t VALUES (1, 1), (15, 2), (30, 3);
-- to:
CREATE TABLE t (id int NOT NULL, n int) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
-- expect: statements=1 passes=1

-- case: a partitioned table is made
-- from:
-- to:
CREATE TABLE t (id int NOT NULL, d date NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE COLUMNS (d) (PARTITION p0 VALUES LESS THAN ('2020-01-01') COMMENT 'old', PARTITION p1 VALUES LESS THAN (MAXVALUE));
-- expect: statements=1 passes=1

-- case: partitions are taken away
-- from:
CREATE TABLE t (id int NOT NULL, n int) PARTITION BY HASH (id) PARTITIONS 3;
-- to:
CREATE TABLE t (id int NOT NULL, n int);
-- expect: statements=1
-- expect: contains=REMOVE PARTITIONING

-- case: a range gets a partition at the end
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10));
-- rows:
INSERT INTO t VALUES (1), (5);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN (30));
-- expect: statements=1
-- expect: contains=ADD PARTITION

-- case: a range gets a partition before MAXVALUE
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION pm VALUES LESS THAN MAXVALUE);
-- rows:
INSERT INTO t VALUES (1), (15), (50);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION pm VALUES LESS THAN MAXVALUE);
-- expect: statements=1
-- expect: contains=REORGANIZE PARTITION `pm` INTO

-- case: a range loses a partition in the middle and keeps its rows
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION pm VALUES LESS THAN MAXVALUE);
-- rows:
INSERT INTO t VALUES (1), (15), (50);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION pm VALUES LESS THAN MAXVALUE);
-- expect: statements=1
-- expect: contains=REORGANIZE PARTITION `p1`, `pm` INTO

-- case: a range loses its last partition
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
-- rows:
INSERT INTO t VALUES (1), (15);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10));
-- expect: data-loss statements=1
-- expect: contains=DROP PARTITION `p1`

-- case: a range is cut otherwise
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN (30));
-- rows:
INSERT INTO t VALUES (1), (15), (25);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (5), PARTITION p1 VALUES LESS THAN (25), PARTITION p2 VALUES LESS THAN (30));
-- expect: statements=1
-- expect: contains=REORGANIZE PARTITION `p0`, `p1`, `p2` INTO

-- case: a range ends later and, on the way back, earlier
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
-- rows:
INSERT INTO t VALUES (1), (15);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (40));
-- expect: statements=1

-- case: a partition is called otherwise
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
-- rows:
INSERT INTO t VALUES (1), (15);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p_first VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
-- expect: statements=1

-- case: the comment of a partition
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
-- rows:
INSERT INTO t VALUES (1), (15);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10) COMMENT 'low, (all)', PARTITION p1 VALUES LESS THAN (20));
-- expect: statements=1

-- case: more partitions by hash
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY HASH (id) PARTITIONS 2;
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY HASH (id) PARTITIONS 5;
-- expect: statements=1
-- expect: contains=ADD PARTITION PARTITIONS 3

-- case: fewer partitions by key
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY LINEAR KEY (id) PARTITIONS 5;
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY LINEAR KEY (id) PARTITIONS 2;
-- expect: statements=1
-- expect: contains=COALESCE PARTITION 3

-- case: partitioned by something else
-- from:
CREATE TABLE t (id int NOT NULL, n int NOT NULL) PARTITION BY HASH (id) PARTITIONS 2;
-- to:
CREATE TABLE t (id int NOT NULL, n int NOT NULL) PARTITION BY RANGE (n) (PARTITION p0 VALUES LESS THAN MAXVALUE);
-- expect: statements=1

-- case: partitioned by something else that needs another primary key
-- from:
CREATE TABLE t (id int NOT NULL, a int NOT NULL, b int NOT NULL, PRIMARY KEY (id, a)) PARTITION BY HASH (a) PARTITIONS 2;
-- rows:
INSERT INTO t VALUES (1, 2, 3), (2, 2, 2);
-- to:
CREATE TABLE t (id int NOT NULL, a int NOT NULL, b int NOT NULL, PRIMARY KEY (id, b)) PARTITION BY HASH (b) PARTITIONS 2;
-- expect: statements=1 passes=1

-- case: partitioned and given another primary key
-- from:
CREATE TABLE t (id int NOT NULL, a int NOT NULL, PRIMARY KEY (id));
-- rows:
INSERT INTO t VALUES (1, 2), (2, 2);
-- to:
CREATE TABLE t (id int NOT NULL, a int NOT NULL, PRIMARY KEY (id, a)) PARTITION BY HASH (a) PARTITIONS 2;
-- expect: passes=1

-- case: a list gets a partition
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY LIST (id) (PARTITION a VALUES IN (1, 2));
-- rows:
INSERT INTO t VALUES (1), (2);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY LIST (id) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3, 4));
-- expect: statements=1

-- case: a list with a default gets a partition
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY LIST (id) (PARTITION a VALUES IN (1, 2), PARTITION d DEFAULT);
-- rows:
INSERT INTO t VALUES (1), (3), (9);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY LIST (id) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3, 4), PARTITION d DEFAULT);
-- expect: statements=1

-- case: a list loses a partition
-- from:
CREATE TABLE t (id int NOT NULL) PARTITION BY LIST (id) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3));
-- rows:
INSERT INTO t VALUES (1), (3);
-- to:
CREATE TABLE t (id int NOT NULL) PARTITION BY LIST (id) (PARTITION b VALUES IN (3));
-- expect: data-loss statements=1

-- case: a value of a list moves to another partition
-- from:
CREATE TABLE t (s varchar(5)) PARTITION BY LIST COLUMNS (s) (PARTITION a VALUES IN ('x', 'y,)'), PARTITION b VALUES IN ('z'));
-- rows:
INSERT INTO t VALUES ('x'), ('y,)'), ('z');
-- to:
CREATE TABLE t (s varchar(5)) PARTITION BY LIST COLUMNS (s) (PARTITION a VALUES IN ('x'), PARTITION b VALUES IN ('z', 'y,)'));
-- expect: statements=1

-- case: subpartitions
-- from:
CREATE TABLE t (id int NOT NULL, n int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN MAXVALUE);
-- to:
CREATE TABLE t (id int NOT NULL, n int NOT NULL) PARTITION BY RANGE (id) SUBPARTITION BY HASH (n) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN MAXVALUE);
-- expect: statements=1

-- case: subpartitions with names
-- from:
CREATE TABLE t (id int NOT NULL, n int NOT NULL) PARTITION BY RANGE (id) SUBPARTITION BY HASH (n) (PARTITION p0 VALUES LESS THAN (100) (SUBPARTITION s0, SUBPARTITION s1));
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE t (id int NOT NULL, n int NOT NULL) PARTITION BY RANGE (id) SUBPARTITION BY HASH (n) (PARTITION p0 VALUES LESS THAN (100) (SUBPARTITION s0, SUBPARTITION s1), PARTITION p1 VALUES LESS THAN MAXVALUE (SUBPARTITION s2, SUBPARTITION s3));
-- expect: statements=1

-- case: a partitioned table changes otherwise too
-- from:
CREATE TABLE t (id int NOT NULL, n int, KEY (n)) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10));
-- rows:
INSERT INTO t VALUES (1, 1);
-- to:
CREATE TABLE t (id int NOT NULL, n bigint, m int) COMMENT 'x' PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
-- expect: statements=2

-- case: a history in partitions
-- from:
CREATE TABLE t (id int) WITH SYSTEM VERSIONING;
-- to:
CREATE TABLE t (id int) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME (PARTITION h HISTORY, PARTITION c CURRENT);
-- expect: passes=1

-- case: one more partition for a history
-- from:
CREATE TABLE t (id int) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 1000 (PARTITION h HISTORY, PARTITION c CURRENT);
-- to:
CREATE TABLE t (id int) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 1000 (PARTITION h HISTORY, PARTITION h2 HISTORY, PARTITION c CURRENT);
-- expect: statements=1

-- case: partitions by the age of history
-- from:
-- to:
CREATE TABLE t (id int) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME INTERVAL 1 MONTH AUTO;
-- expect: statements=1 passes=1
