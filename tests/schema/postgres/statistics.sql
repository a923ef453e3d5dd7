-- case: extended statistics come
-- from:
CREATE TABLE t (a int, b int, c text);
-- to:
CREATE TABLE t (a int, b int, c text);
CREATE STATISTICS s1 (ndistinct, dependencies) ON a, b FROM t;
CREATE STATISTICS s2 ON a, lower(c) FROM t;
CREATE STATISTICS "S 3" (mcv) ON b, c FROM t;
ALTER STATISTICS s1 SET STATISTICS 500;

-- case: extended statistics change and go
-- from:
CREATE TABLE t (a int, b int, c text);
CREATE STATISTICS s1 (ndistinct) ON a, b FROM t;
CREATE STATISTICS s2 (mcv) ON a, c FROM t;
CREATE STATISTICS s3 (mcv) ON b, c FROM t;
ALTER STATISTICS s3 SET STATISTICS 100;
-- to:
CREATE TABLE t (a int, b int, c text);
CREATE STATISTICS s1 (ndistinct, mcv) ON a, b FROM t;
CREATE STATISTICS s3 (mcv) ON b, c FROM t;

-- case: a column under extended statistics changes its type and one goes
-- from:
CREATE TABLE t (a int, b int, c text);
CREATE STATISTICS s1 (ndistinct) ON a, b FROM t;
CREATE STATISTICS s2 (ndistinct) ON b, c FROM t;
-- to:
CREATE TABLE t (a bigint, b int);
CREATE STATISTICS s1 (ndistinct) ON a, b FROM t;
-- expect: data-loss

-- case: the columns of statistics stand in the order of the table's, which is not theirs
-- from:
CREATE TABLE t (a int, b int, c int);
CREATE STATISTICS s (ndistinct) ON a, c FROM t;
-- to:
CREATE TABLE t (c int, b int, a int);
CREATE STATISTICS s (ndistinct) ON c, a FROM t;
-- expect: informs statements=0
