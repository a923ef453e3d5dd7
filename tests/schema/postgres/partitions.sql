-- case: a partitioned table with a default partition comes
-- from:
-- to:
CREATE TABLE m (at date NOT NULL, n int) PARTITION BY RANGE (at);
CREATE TABLE m_2024 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE m_rest PARTITION OF m DEFAULT;
CREATE INDEX m_n ON m (n);

-- case: by list, by hash, by expression, in two levels
-- from:
-- to:
CREATE TABLE l (k text, n int) PARTITION BY LIST (lower(k) COLLATE "C");
CREATE TABLE l_ab PARTITION OF l FOR VALUES IN ('a', 'b', NULL);
CREATE TABLE h (id int, n int) PARTITION BY HASH (id);
CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE r (a int, b int) PARTITION BY RANGE (a, b);
CREATE TABLE r_low PARTITION OF r FOR VALUES FROM (MINVALUE, MINVALUE) TO (10, MAXVALUE) PARTITION BY LIST (b);
CREATE TABLE r_low_1 PARTITION OF r_low FOR VALUES IN (1);
CREATE TABLE r_low_2 PARTITION OF r_low FOR VALUES IN (2);

-- case: a partition comes and one goes
-- from:
CREATE TABLE m (id int NOT NULL, at int NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (10);
CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (10) TO (20);
CREATE INDEX m_at ON m (at);
-- to:
CREATE TABLE m (id int NOT NULL, at int NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (10) TO (20);
CREATE TABLE m_3 PARTITION OF m FOR VALUES FROM (20) TO (30);
CREATE INDEX m_at ON m (at);
-- expect: data-loss

-- case: a partition is detached and stays a table
-- from:
CREATE TABLE m (id int NOT NULL, at int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (10);
-- to:
CREATE TABLE m (id int NOT NULL, at int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE m_1 (id int NOT NULL, at int NOT NULL);
-- expect: contains=DETACH PARTITION m_1

-- case: a table is attached
-- from:
CREATE TABLE m (id int NOT NULL, at int NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX m_at ON m (at);
CREATE TABLE old (id int NOT NULL, at int NOT NULL);
-- rows:
INSERT INTO old VALUES (1, 5), (2, 6);
-- to:
CREATE TABLE m (id int NOT NULL, at int NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX m_at ON m (at);
CREATE TABLE old PARTITION OF m FOR VALUES FROM (0) TO (10);
-- expect: contains=ATTACH PARTITION old FOR VALUES FROM (0) TO (10)

-- case: a bound moves
-- from:
CREATE TABLE m (id int NOT NULL, at int NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (10);
CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (20) TO (30);
CREATE INDEX m_at ON m (at);
-- rows:
INSERT INTO m VALUES (1, 5), (2, 25);
-- to:
CREATE TABLE m (id int NOT NULL, at int NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (15);
CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (15) TO (30);
CREATE INDEX m_at ON m (at);

-- case: the default partition becomes another
-- from:
CREATE TABLE m (id int NOT NULL) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE TABLE m_rest PARTITION OF m DEFAULT;
-- rows:
INSERT INTO m VALUES (1), (2);
-- to:
CREATE TABLE m (id int NOT NULL) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE TABLE m_rest PARTITION OF m FOR VALUES IN (2, 3);
CREATE TABLE m_new PARTITION OF m DEFAULT;

-- case: an index on a partitioned table, one more on a partition alone
-- from:
CREATE TABLE m (id int NOT NULL, n int) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE TABLE m_2 PARTITION OF m FOR VALUES IN (2) PARTITION BY LIST (n);
CREATE TABLE m_2_1 PARTITION OF m_2 FOR VALUES IN (1);
-- rows:
INSERT INTO m VALUES (1, 1), (2, 1);
-- to:
CREATE TABLE m (id int NOT NULL, n int) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE TABLE m_2 PARTITION OF m FOR VALUES IN (2) PARTITION BY LIST (n);
CREATE TABLE m_2_1 PARTITION OF m_2 FOR VALUES IN (1);
CREATE INDEX m_n ON m (n);
CREATE INDEX m_1_only ON m_1 (n DESC);

-- case: an index of a partition was made before it was attached to its parent's
-- from:
CREATE TABLE m (id int NOT NULL, n int) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE INDEX by_hand ON m_1 (n);
-- rows:
INSERT INTO m VALUES (1, 1);
-- to:
CREATE TABLE m (id int NOT NULL, n int) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE INDEX by_hand ON m_1 (n);
CREATE INDEX m_n ON ONLY m (n);
ALTER INDEX m_n ATTACH PARTITION by_hand;

-- case: an index on a partitioned table goes and one changes
-- from:
CREATE TABLE m (id int NOT NULL, n int, k int) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE INDEX m_n ON m (n);
CREATE INDEX m_k ON m (k);
-- rows:
INSERT INTO m VALUES (1, 1, 1);
-- to:
CREATE TABLE m (id int NOT NULL, n int, k int) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE INDEX m_k ON m (k, n);

-- case: primary key, unique and foreign keys on a partitioned table
-- from:
CREATE TABLE other (id int PRIMARY KEY);
CREATE TABLE m (id int NOT NULL, n int NOT NULL, o int) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
-- rows:
INSERT INTO other VALUES (1);
INSERT INTO m VALUES (1, 1, 1);
-- to:
CREATE TABLE other (id int PRIMARY KEY);
CREATE TABLE m (id int NOT NULL, n int NOT NULL, o int REFERENCES other, PRIMARY KEY (id), UNIQUE (n, id), CHECK (n > 0)) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE TABLE child (id int PRIMARY KEY REFERENCES m);

-- case: columns of a partitioned table
-- from:
CREATE TABLE m (id int NOT NULL, gone int, n int) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
-- rows:
INSERT INTO m VALUES (1, 1, 1);
-- to:
CREATE TABLE m (id int NOT NULL, n bigint NOT NULL DEFAULT 5, fresh text) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
-- expect: data-loss

-- case: a partition has its own default and constraint
-- from:
CREATE TABLE m (id int NOT NULL, n int DEFAULT 1) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
-- rows:
INSERT INTO m VALUES (1, 5);
-- to:
CREATE TABLE m (id int NOT NULL, n int DEFAULT 1) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m (n DEFAULT 2, CONSTRAINT small CHECK (n < 10)) FOR VALUES IN (1);

-- case: the key of partitions changes
-- from:
CREATE TABLE m (id int NOT NULL, n int NOT NULL) PARTITION BY LIST (id);
-- to:
CREATE TABLE m (id int NOT NULL, n int NOT NULL) PARTITION BY LIST (n);
-- expect: refused

-- case: a regular table becomes a partitioned one
-- from:
CREATE TABLE m (id int NOT NULL);
-- to:
CREATE TABLE m (id int NOT NULL) PARTITION BY LIST (id);
-- expect: refused

-- case: a partitioned table goes
-- from:
CREATE TABLE m (id int NOT NULL, n int, PRIMARY KEY (id)) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE TABLE m_2 PARTITION OF m DEFAULT;
CREATE INDEX m_n ON m (n);
-- to:
-- expect: data-loss

-- case: a regular table becomes a partitioned one, and it was allowed
-- from:
CREATE TABLE other (id int PRIMARY KEY);
CREATE TABLE m (id serial, n int GENERATED ALWAYS AS IDENTITY, o int REFERENCES other, twice int GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (id));
CREATE INDEX m_o ON m (o);
CREATE VIEW v AS SELECT id FROM m;
CREATE TABLE child (id int PRIMARY KEY REFERENCES m);
COMMENT ON COLUMN m.id IS 'its number';
CREATE POLICY p ON m USING (id > 0);
-- rows:
INSERT INTO other VALUES (1), (2);
INSERT INTO m (o) VALUES (1), (2), (NULL);
INSERT INTO child VALUES (1), (3);
-- to:
CREATE TABLE other (id int PRIMARY KEY);
CREATE TABLE m (id serial, n int GENERATED ALWAYS AS IDENTITY, o int REFERENCES other, twice int GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (id)) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE TABLE m_rest PARTITION OF m DEFAULT;
CREATE INDEX m_o ON m (o);
CREATE VIEW v AS SELECT id FROM m;
CREATE TABLE child (id int PRIMARY KEY REFERENCES m);
COMMENT ON COLUMN m.id IS 'its number';
CREATE POLICY p ON m USING (id > 0);
-- expect: allow-recreate

-- case: the key of partitions changes, and it was allowed
-- from:
CREATE TABLE m (id int NOT NULL, n int NOT NULL) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE TABLE m_2 PARTITION OF m FOR VALUES IN (2);
CREATE INDEX m_n ON m (n);
-- rows:
INSERT INTO m VALUES (1, 5), (2, 15);
-- to:
CREATE TABLE m (id int NOT NULL, n int NOT NULL) PARTITION BY RANGE (n);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (10);
CREATE TABLE m_other PARTITION OF m FOR VALUES FROM (10) TO (20);
CREATE INDEX m_n ON m (n);
-- expect: allow-recreate

-- case: a column of the key changes its type, and it was allowed
-- from:
CREATE TABLE m (id int NOT NULL, n int NOT NULL) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
-- rows:
INSERT INTO m VALUES (1, 5);
-- to:
CREATE TABLE m (id bigint NOT NULL, n int NOT NULL) PARTITION BY LIST (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
-- expect: allow-recreate
