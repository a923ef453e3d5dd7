-- case: a table is made
-- from:
-- to:
CREATE TABLE t (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(20) NOT NULL, KEY (name)) COMMENT 'all of them';
-- expect: statements=1 passes=1

-- case: a table is dropped
-- from:
CREATE TABLE t (id int PRIMARY KEY);
CREATE TABLE u (id int PRIMARY KEY);
-- to:
CREATE TABLE u (id int PRIMARY KEY);
-- expect: data-loss statements=1

-- case: tables are made in the order of their foreign keys
-- from:
-- to:
CREATE TABLE z (id int PRIMARY KEY);
CREATE TABLE m (id int PRIMARY KEY, z int, CONSTRAINT m_z FOREIGN KEY (z) REFERENCES z (id));
CREATE TABLE a (id int PRIMARY KEY, m int, CONSTRAINT a_m FOREIGN KEY (m) REFERENCES m (id));
-- expect: statements=3 passes=1

-- case: tables are dropped in the order of their foreign keys
-- from:
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE m (id int PRIMARY KEY, a int, CONSTRAINT m_a FOREIGN KEY (a) REFERENCES a (id));
CREATE TABLE z (id int PRIMARY KEY, m int, CONSTRAINT z_m FOREIGN KEY (m) REFERENCES m (id));
-- to:
-- expect: data-loss statements=3 passes=1

-- case: the comment of a table
-- from:
CREATE TABLE t (id int PRIMARY KEY) COMMENT 'old';
-- to:
CREATE TABLE t (id int PRIMARY KEY) COMMENT 'it''s new; a \\ and
a line';
-- expect: statements=1

-- case: the comment of a table goes
-- from:
CREATE TABLE t (id int PRIMARY KEY) COMMENT 'old';
-- to:
CREATE TABLE t (id int PRIMARY KEY);
-- expect: statements=1

-- case: the engine changes
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int) ENGINE=MyISAM;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int) ENGINE=InnoDB;
-- expect: statements=1
-- expect: contains=ENGINE=InnoDB

-- case: the engine changes with a key
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int, KEY (n)) ENGINE=Aria;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int, m int, KEY (n, m)) ENGINE=InnoDB;

-- case: the format of rows
-- from:
CREATE TABLE t (id int PRIMARY KEY, n text);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n text) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;
-- expect: statements=1

-- case: pages are compressed
-- from:
CREATE TABLE t (id int PRIMARY KEY, n text);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n text) PAGE_COMPRESSED=1;
-- expect: statements=1

-- case: other options
-- from:
CREATE TABLE t (id int PRIMARY KEY, n text) STATS_PERSISTENT=1 STATS_SAMPLE_PAGES=30;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n text) STATS_PERSISTENT=0 STATS_AUTO_RECALC=1 MAX_ROWS=1000 CHECKSUM=1;
-- expect: statements=1

-- case: options of Aria
-- from:
CREATE TABLE t (id int PRIMARY KEY, n text) ENGINE=Aria TRANSACTIONAL=1;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n text) ENGINE=Aria TRANSACTIONAL=0 ROW_FORMAT=DYNAMIC;

-- case: the default character set of an empty table of numbers
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int) DEFAULT CHARSET latin1;
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- expect: statements=1

-- case: the character set of a table and all its columns
-- from:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10), b text NOT NULL, c enum('x','y'), d char(3) DEFAULT 'z') DEFAULT CHARSET latin1;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10), b text NOT NULL, c enum('x','y'), d char(3) DEFAULT 'z') DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci;
-- expect: statements=1 passes=1

-- case: the character set of a table and some of its columns
-- from:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10), b varchar(10) CHARACTER SET ascii) DEFAULT CHARSET latin1;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10) CHARACTER SET latin1, b varchar(10)) DEFAULT CHARSET utf8mb4;
-- expect: statements=1 passes=1

-- case: the same character set said and left out is no difference
-- from:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10)) DEFAULT CHARSET latin1 COLLATE latin1_swedish_ci;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10) CHARACTER SET latin1) CHARSET latin1;
-- expect: informs

-- case: a collation
-- from:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10) COLLATE utf8mb4_bin) DEFAULT CHARSET utf8mb4;
-- to:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10) COLLATE utf8mb4_unicode_ci) DEFAULT CHARSET utf8mb4;
-- expect: statements=1

-- case: a narrower character set
-- from:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10)) DEFAULT CHARSET utf8mb4;
-- rows:
INSERT INTO t VALUES (1, 'abc');
-- to:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10)) DEFAULT CHARSET latin1;
-- expect: data-loss statements=1

-- case: everything of a table changes at once
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, a varchar(10), b int, c int, KEY k (a), CONSTRAINT ch CHECK (b > 0), CONSTRAINT f FOREIGN KEY (c) REFERENCES p (id)) DEFAULT CHARSET latin1 COMMENT 'x';
-- rows:
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 'a', 2, 1);
-- to:
CREATE TABLE p (id int PRIMARY KEY, n int DEFAULT 4);
CREATE TABLE t (x int DEFAULT 3, id int PRIMARY KEY, c int, a varchar(30), b int, KEY k (a, b), KEY l (x), CONSTRAINT ch CHECK (b > 1), CONSTRAINT f FOREIGN KEY (c) REFERENCES p (id) ON DELETE CASCADE) DEFAULT CHARSET utf8mb4 COMMENT 'y';

-- case: a table becomes a view
-- from:
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE v (id int PRIMARY KEY);
-- to:
CREATE TABLE p (id int PRIMARY KEY);
CREATE VIEW v AS SELECT id FROM p;
-- expect: data-loss statements=2

-- case: MERGE tables follow what they are made of
-- from:
-- to:
CREATE TABLE z1 (a int, KEY (a)) ENGINE=MyISAM;
CREATE TABLE z2 (a int, KEY (a)) ENGINE=MyISAM;
CREATE TABLE m (a int, KEY (a)) ENGINE=MERGE UNION=(z1, z2) INSERT_METHOD=LAST;
-- expect: statements=3 passes=1

-- case: MERGE tables change what they are made of
-- from:
CREATE TABLE z1 (a int, KEY (a)) ENGINE=MyISAM;
CREATE TABLE z2 (a int, KEY (a)) ENGINE=MyISAM;
CREATE TABLE m (a int, KEY (a)) ENGINE=MERGE UNION=(z1, z2) INSERT_METHOD=LAST;
-- rows:
INSERT INTO z1 VALUES (1);
-- to:
CREATE TABLE z1 (a int, KEY (a)) ENGINE=MyISAM;
CREATE TABLE z2 (a int, KEY (a)) ENGINE=MyISAM;
CREATE TABLE m (a int, KEY (a)) ENGINE=MERGE UNION=(z1) INSERT_METHOD=FIRST;

-- case: the character set of the database
-- from:
CREATE TABLE t (id int PRIMARY KEY, a varchar(10)) DEFAULT CHARSET utf8mb4;
-- to:
ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin;
CREATE TABLE t (id int PRIMARY KEY, a varchar(10)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;
-- expect: statements=1
-- expect: contains=ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin
