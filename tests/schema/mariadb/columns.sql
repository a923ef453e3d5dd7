-- case: nothing differs but spelling
-- from:
create table t (ID integer primary key, Name varchar(20) not null default 'x', note text);
-- to:
CREATE TABLE `t` (
  `ID` int(11) NOT NULL,
  `Name` VARCHAR(20) NOT NULL DEFAULT 'x', -- shown
  `note` text DEFAULT NULL,
  PRIMARY KEY (`ID`)
) ENGINE=InnoDB;
-- expect: informs

-- case: how far a counter has come is no difference
-- from:
CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=1000;
-- to:
CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY);
-- expect: informs

-- case: a column is added at the end
-- from:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10));
-- to:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10), note text);
-- expect: statements=1 passes=1
-- expect: contains=ALTER TABLE `t` ADD COLUMN `note` text DEFAULT NULL
-- expect: lacks=AFTER

-- case: a column is added first
-- from:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10));
-- to:
CREATE TABLE t (tenant int NOT NULL DEFAULT 1, id int PRIMARY KEY, name varchar(10));
-- expect: statements=1
-- expect: contains=FIRST

-- case: a column is added between others
-- from:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10));
-- to:
CREATE TABLE t (id int PRIMARY KEY, code char(3) NOT NULL DEFAULT 'abc', name varchar(10));
-- expect: statements=1
-- expect: contains=AFTER `id`

-- case: several columns are added in different places
-- from:
CREATE TABLE t (a int PRIMARY KEY, d int, g int);
-- to:
CREATE TABLE t (a int PRIMARY KEY, b int, c int, d int, e int, f int, g int, h int, i int);
-- expect: statements=1 passes=1

-- case: a column is dropped
-- from:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10), note text);
-- to:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10));
-- expect: data-loss statements=1
-- expect: contains=DROP COLUMN `note`

-- case: a column is replaced by another
-- from:
CREATE TABLE t (id int PRIMARY KEY, old int, z int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, fresh varchar(5), z int);
-- expect: data-loss statements=1

-- case: the last column moves to the front
-- from:
CREATE TABLE t (a int PRIMARY KEY, b int, c int, d int, e int);
-- to:
CREATE TABLE t (e int, a int PRIMARY KEY, b int, c int, d int);
-- expect: statements=1 passes=1
-- expect: contains=MODIFY COLUMN `e` int(11) DEFAULT NULL FIRST
-- expect: lacks=COLUMN `b`

-- case: the first column moves to the end
-- from:
CREATE TABLE t (a int PRIMARY KEY, b int, c int, d int, e int);
-- to:
CREATE TABLE t (b int, c int, d int, e int, a int PRIMARY KEY);
-- expect: statements=1 passes=1
-- expect: lacks=COLUMN `b`

-- case: the order is turned round
-- from:
CREATE TABLE t (a int PRIMARY KEY, b int, c int, d int);
-- to:
CREATE TABLE t (d int, c int, b int, a int PRIMARY KEY);
-- expect: statements=1 passes=1

-- case: two blocks of columns change places
-- from:
CREATE TABLE t (a int PRIMARY KEY, b int, c int, d int);
-- to:
CREATE TABLE t (c int, d int, a int PRIMARY KEY, b int);
-- expect: statements=1 passes=1

-- case: columns come, go, change and move at once
-- from:
CREATE TABLE t (a int PRIMARY KEY, b int, c varchar(10), d int, e text);
-- to:
CREATE TABLE t (e text, x int NOT NULL DEFAULT 7, a int PRIMARY KEY, c varchar(30), y date, b int);
-- expect: data-loss statements=1 passes=1

-- case: a column is called in other letters
-- from:
CREATE TABLE t (ID int PRIMARY KEY, Name varchar(10));
-- to:
CREATE TABLE t (id int PRIMARY KEY, name varchar(20));
-- expect: statements=1
-- expect: contains=CHANGE COLUMN `Name` `name`

-- case: a column becomes NOT NULL
-- from:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10));
-- rows:
INSERT INTO t VALUES (1, 'a'), (2, 'b');
-- to:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10) NOT NULL);
-- expect: statements=1

-- case: a column becomes nullable
-- from:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10) NOT NULL);
-- to:
CREATE TABLE t (id int PRIMARY KEY, name varchar(10));
-- expect: statements=1

-- case: a default is added
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 5);
-- expect: statements=1

-- case: a default is changed
-- from:
CREATE TABLE t (id int PRIMARY KEY, n varchar(10) DEFAULT 'it''s');
-- to:
CREATE TABLE t (id int PRIMARY KEY, n varchar(10) DEFAULT 'a\\b');
-- expect: statements=1

-- case: a default is taken away
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 3);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL);
-- expect: statements=1

-- case: a default is an expression
-- from:
CREATE TABLE t (id int PRIMARY KEY, n char(36), d date);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n char(36) DEFAULT uuid(), d date DEFAULT (current_date() + interval 1 day));
-- expect: statements=1

-- case: a timestamp keeps itself up to date
-- from:
CREATE TABLE t (id int PRIMARY KEY, at timestamp NOT NULL DEFAULT current_timestamp());
-- to:
CREATE TABLE t (id int PRIMARY KEY, at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp());
-- expect: statements=1

-- case: a timestamp no longer keeps itself up to date
-- from:
CREATE TABLE t (id int PRIMARY KEY, at datetime(3) DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3));
-- to:
CREATE TABLE t (id int PRIMARY KEY, at datetime(3) DEFAULT NULL);
-- expect: statements=1

-- case: a comment is added
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int COMMENT 'how; many, they''re "counted" \\ here
and there');
-- expect: statements=1

-- case: a comment is taken away
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int COMMENT 'x');
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- expect: statements=1

-- case: a counter is added
-- from:
CREATE TABLE t (id int NOT NULL PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, n int);
-- expect: statements=1

-- case: a counter with its key is added as a column
-- from:
CREATE TABLE t (n int);
-- rows:
INSERT INTO t VALUES (5), (6);
-- to:
CREATE TABLE t (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, n int);
-- expect: statements=1

-- case: a counter moves to another column
-- from:
CREATE TABLE t (a int NOT NULL AUTO_INCREMENT, b int NOT NULL, KEY (a), KEY (b));
-- to:
CREATE TABLE t (a int NOT NULL, b int NOT NULL AUTO_INCREMENT, KEY (a), KEY (b));
-- expect: statements=1

-- case: a column becomes invisible
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int INVISIBLE);
-- expect: statements=1

-- case: a column becomes compressed
-- from:
CREATE TABLE t (id int PRIMARY KEY, n text);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n text COMPRESSED);
-- expect: statements=1

-- case: a column gets a check
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- rows:
INSERT INTO t VALUES (1, 4);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0));
-- expect: statements=1

-- case: the check of a column changes and goes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0), m int CHECK (m < 3));
-- rows:
INSERT INTO t VALUES (1, 4, 2);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 1 or n is null), m int);
-- expect: statements=1

-- case: a virtual column is added
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 7) VIRTUAL);
-- expect: statements=1

-- case: a stored column is added in the middle
-- from:
CREATE TABLE t (id int PRIMARY KEY, n varchar(10));
-- to:
CREATE TABLE t (id int PRIMARY KEY, v varchar(30) AS (concat(n, ' (x)')) STORED, n varchar(10));
-- expect: statements=1

-- case: the expression of a virtual column changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 7) VIRTUAL);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 5) VIRTUAL);
-- expect: statements=1

-- case: the expression of a stored column changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 7) STORED);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 5) STORED);
-- expect: statements=1

-- case: a virtual column becomes stored and has a key
-- from:
CREATE TABLE t (id int PRIMARY KEY, v int AS (n % 7) VIRTUAL, n int, KEY by_v (v, n));
-- to:
CREATE TABLE t (id int PRIMARY KEY, v int AS (n % 7) STORED, n int, KEY by_v (v, n));
-- expect: statements=1 passes=1
-- expect: contains=DROP COLUMN `v`

-- case: a stored column becomes virtual and has a check
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 7) STORED, CONSTRAINT low CHECK (v < 9));
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 7) VIRTUAL, CONSTRAINT low CHECK (v < 9));
-- expect: statements=1 passes=1

-- case: a stored column becomes plain
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 7) STORED);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, v int);
-- expect: statements=1

-- case: a virtual column becomes plain
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 7) VIRTUAL);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, v int);
-- expect: data-loss statements=1

-- case: a plain column becomes computed
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, v int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 7) VIRTUAL);
-- expect: data-loss statements=1

-- case: a column and what is computed of it go
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 7) VIRTUAL, KEY (v));
-- to:
CREATE TABLE t (id int PRIMARY KEY);
-- expect: data-loss statements=1 passes=1

-- case: a column that another is computed of changes its type
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, v int AS (n % 7) STORED);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n bigint, v int AS (n % 7) STORED);
-- expect: statements=1

-- case: names that need quotes
-- from:
CREATE TABLE `order` (`key` int PRIMARY KEY, `a b` int, `c``d` int, `1` int);
-- to:
CREATE TABLE `order` (`key` int PRIMARY KEY, `a b` bigint, `c``d` bigint, `1` bigint, `größe` int, KEY `x.y` (`a b`));
-- expect: statements=1

-- case: a type that no value of the old one can become
-- from:
CREATE TABLE t (id INT PRIMARY KEY, c INET6);
-- to:
CREATE TABLE t (id INT PRIMARY KEY, c BIGINT);
-- expect: refused

-- case: keys of a table with a history
-- from:
CREATE TABLE t (id INT NOT NULL, a INT) WITH SYSTEM VERSIONING;
-- to:
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a INT, UNIQUE KEY u (a)) WITH SYSTEM VERSIONING;
-- expect: contains=system_versioning_alter_history
