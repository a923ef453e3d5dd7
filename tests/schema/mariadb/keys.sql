-- case: a key is added
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY by_a (a, b));
-- expect: statements=1 passes=1
-- expect: contains=ALTER TABLE `t` ADD KEY `by_a` (`a`,`b`)

-- case: a key is dropped
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY by_a (a));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- expect: statements=1
-- expect: contains=DROP KEY `by_a`

-- case: a key gets other columns
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY k (a, b));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY k (b, a));
-- expect: statements=1

-- case: a key is renamed by itself
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY old_name (a));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY new_name (a));
-- expect: statements=1
-- expect: contains=RENAME KEY `old_name` TO `new_name`

-- case: two keys that are alike are renamed
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k1 (a), KEY k2 (a));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k3 (a), KEY k4 (a));
-- expect: statements=1

-- case: keys change names with each other
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY k1 (a), KEY k2 (b));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY k1 (b), KEY k2 (a));
-- expect: statements=1

-- case: a unique key is added
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL);
-- rows:
INSERT INTO t VALUES (1, 1), (2, 2);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, UNIQUE KEY (a));
-- expect: statements=1

-- case: a key becomes unique
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a));
-- rows:
INSERT INTO t VALUES (1, 1), (2, 2);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, UNIQUE KEY k (a));
-- expect: statements=1

-- case: a key in the other direction
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY k (a, b));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY k (a DESC, b));
-- expect: statements=1

-- case: a key on the beginning of a column
-- from:
CREATE TABLE t (id int PRIMARY KEY, a varchar(200), b text, KEY k (a));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a varchar(200), b text, KEY k (a(10)), KEY l (b(20)));
-- expect: statements=1

-- case: a key is ignored
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a) IGNORED);
-- expect: statements=1
-- expect: contains=ALTER KEY `k` IGNORED

-- case: a key with a comment is no longer ignored
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a) COMMENT 'for (x)' IGNORED);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a) COMMENT 'for (x)');
-- expect: statements=1
-- expect: contains=ALTER KEY `k` NOT IGNORED

-- case: the comment of a key
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a) COMMENT 'it''s new');
-- expect: statements=1

-- case: BTREE said or not is no difference
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a) USING BTREE);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a));
-- expect: informs

-- case: BTREE in memory is one
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a)) ENGINE=MEMORY;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a) USING BTREE) ENGINE=MEMORY;
-- expect: statements=1

-- case: a unique key on a long text
-- from:
CREATE TABLE t (id int PRIMARY KEY, a text);
-- rows:
INSERT INTO t VALUES (1, 'a'), (2, 'b');
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text, UNIQUE KEY k (a) USING HASH);
-- expect: statements=1

-- case: a fulltext key
-- from:
CREATE TABLE t (id int PRIMARY KEY, a text, b varchar(50));
-- to:
CREATE TABLE t (id int PRIMARY KEY, a text, b varchar(50), FULLTEXT KEY words (a, b));
-- expect: statements=1

-- case: a spatial key
-- from:
CREATE TABLE t (id int PRIMARY KEY, g point NOT NULL);
-- to:
CREATE TABLE t (id int PRIMARY KEY, g point NOT NULL, SPATIAL KEY place (g));
-- expect: statements=1

-- case: a primary key is added
-- from:
CREATE TABLE t (id int NOT NULL, a int);
-- rows:
INSERT INTO t VALUES (1, 1), (2, 2);
-- to:
CREATE TABLE t (id int NOT NULL, a int, PRIMARY KEY (id));
-- expect: statements=1

-- case: a primary key is dropped
-- from:
CREATE TABLE t (id int NOT NULL, a int, PRIMARY KEY (id));
-- to:
CREATE TABLE t (id int NOT NULL, a int);
-- expect: statements=1

-- case: a primary key gets another column
-- from:
CREATE TABLE t (id int NOT NULL, a int NOT NULL, PRIMARY KEY (id));
-- to:
CREATE TABLE t (id int NOT NULL, a int NOT NULL, PRIMARY KEY (id, a));
-- expect: statements=1

-- case: a primary key with a counter moves to another column
-- from:
CREATE TABLE t (id int NOT NULL AUTO_INCREMENT, a int NOT NULL, PRIMARY KEY (id));
-- rows:
INSERT INTO t VALUES (1, 4), (2, 5);
-- to:
CREATE TABLE t (id int NOT NULL AUTO_INCREMENT, a int NOT NULL, PRIMARY KEY (a), KEY (id));
-- expect: statements=1

-- case: a column goes and a key over it with others stays shorter
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY k (a, b));
-- to:
CREATE TABLE t (id int PRIMARY KEY, b int, KEY k (b));
-- expect: data-loss statements=1 passes=1

-- case: a column is added with its key
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id int PRIMARY KEY, a int, UNIQUE KEY (a));
-- expect: statements=1

-- case: a column becomes NOT NULL and part of the primary key
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- rows:
INSERT INTO t VALUES (1, 1), (2, 2);
-- to:
CREATE TABLE t (id int, a int NOT NULL, PRIMARY KEY (a, id));
-- expect: statements=1

-- case: a unique key that stands for the primary key is made anew, not switched
-- from:
CREATE TABLE t (id int NOT NULL, PRIMARY KEY (id), UNIQUE KEY u (id) IGNORED);
-- to:
CREATE TABLE t (id int NOT NULL, UNIQUE KEY u (id));
