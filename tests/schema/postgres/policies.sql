-- case: row security and policies of every kind come
-- from:
CREATE TABLE t (id int PRIMARY KEY, owner text);
-- to:
CREATE TABLE t (id int PRIMARY KEY, owner text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON t USING (true);
CREATE POLICY mine ON t AS RESTRICTIVE FOR UPDATE TO PUBLIC USING (owner = current_user) WITH CHECK (owner <> '');
CREATE POLICY "see it" ON t FOR SELECT USING (id > 0);
CREATE POLICY add_it ON t FOR INSERT WITH CHECK (id > 0);

-- case: a policy changes in what ALTER can say
-- from:
CREATE TABLE t (id int PRIMARY KEY, owner text);
CREATE POLICY mine ON t FOR UPDATE USING (owner = current_user) WITH CHECK (id > 0);
-- to:
CREATE TABLE t (id int PRIMARY KEY, owner text);
CREATE POLICY mine ON t FOR UPDATE USING (owner = session_user) WITH CHECK (id > 10);
-- expect: contains=ALTER POLICY mine

-- case: a policy changes in what ALTER cannot say
-- from:
CREATE TABLE t (id int PRIMARY KEY, owner text);
CREATE POLICY a ON t USING (id > 0);
CREATE POLICY b ON t FOR UPDATE USING (id > 0) WITH CHECK (id > 1);
CREATE POLICY c ON t USING (id > 0);
-- to:
CREATE TABLE t (id int PRIMARY KEY, owner text);
CREATE POLICY a ON t FOR SELECT USING (id > 0);
CREATE POLICY b ON t FOR UPDATE USING (id > 0);
CREATE POLICY c ON t AS RESTRICTIVE USING (id > 0);

-- case: row security without force, then not at all
-- from:
CREATE TABLE a (id int);
ALTER TABLE a ENABLE ROW LEVEL SECURITY;
ALTER TABLE a FORCE ROW LEVEL SECURITY;
CREATE TABLE b (id int);
ALTER TABLE b ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON b USING (id > 0);
-- rows:
-- to:
CREATE TABLE a (id int);
ALTER TABLE a ENABLE ROW LEVEL SECURITY;
CREATE TABLE b (id int);

-- case: a policy stays while a column it reads changes its type
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t USING (n > 0 AND EXISTS (SELECT 1 FROM t x WHERE x.n = t.id));
-- to:
CREATE TABLE t (id int PRIMARY KEY, n bigint);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t USING (n > 0 AND EXISTS (SELECT 1 FROM t x WHERE x.n = t.id));

-- case: policies for roles
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE POLICY p ON t TO pg_monitor, pg_read_all_data USING (n > 0);
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE POLICY p ON t TO pg_read_all_data, CURRENT_USER USING (n > 0);
