-- case: a table gets another name, with what is called after it
-- from:
CREATE TABLE orders (id serial PRIMARY KEY, code text UNIQUE, n int CHECK (n > 0)); CREATE INDEX ON orders (n); CREATE TABLE items (id int PRIMARY KEY, o int REFERENCES orders); CREATE VIEW v AS SELECT id FROM orders;
-- to:
-- dbfleet:renamed-from orders
CREATE TABLE sales (id serial PRIMARY KEY, code text UNIQUE, n int CHECK (n > 0)); CREATE INDEX ON sales (n); CREATE TABLE items (id int PRIMARY KEY, o int REFERENCES sales); CREATE VIEW v AS SELECT id FROM sales;
-- expect: contains=ALTER TABLE orders RENAME TO sales;
-- expect: lacks=DROP

-- case: the sequence of an identity column follows its table
-- from:
CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);
-- to:
-- dbfleet:renamed-from orders
CREATE TABLE sales (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);
-- expect: lacks=DROP

-- case: a column gets another name
-- from:
CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL); CREATE INDEX t_a ON t (a); CREATE VIEW v AS SELECT id FROM t WHERE a = 'x';
-- to:
CREATE TABLE t (id int PRIMARY KEY,
  -- dbfleet:renamed-from a
  b text NOT NULL); CREATE INDEX t_a ON t (b); CREATE VIEW v AS SELECT id FROM t WHERE b = 'x';
-- expect: statements=1
-- expect: contains=ALTER TABLE t RENAME COLUMN a TO b;

-- case: a column of a renamed table gets another name and type
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- to:
-- dbfleet:renamed-from t
CREATE TABLE u (id int PRIMARY KEY,
  -- dbfleet:renamed-from a
  "Order" bigint);
-- expect: statements=4
-- expect: contains=ALTER TABLE u RENAME COLUMN a TO "Order";

-- case: a hint whose old name is gone is passed over
-- from:
CREATE TABLE u (id int PRIMARY KEY, b int);
-- to:
-- dbfleet:renamed-from t
CREATE TABLE u (id int PRIMARY KEY,
  -- dbfleet:renamed-from a
  b int, c int);
-- expect: statements=1

-- case: the old and the new name are both there
-- from:
CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY);
-- to:
-- dbfleet:renamed-from t
CREATE TABLE u (id int PRIMARY KEY);
-- expect: refused

-- case: without a hint nothing is renamed
-- from:
CREATE TABLE t (id int PRIMARY KEY, a int);
-- to:
CREATE TABLE t (id int PRIMARY KEY, b int);
-- expect: data-loss statements=2

-- case: a quoted table in a schema of its own
-- from:
CREATE SCHEMA shop; CREATE TABLE shop."Old Orders" (id int PRIMARY KEY);
-- to:
CREATE SCHEMA shop;
-- dbfleet:renamed-from shop."Old Orders"
CREATE TABLE shop."New Orders" (id int PRIMARY KEY);
-- expect: lacks=DROP

-- case: views, sequences, types and functions get other names
-- from:
CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN d AS int; CREATE TABLE t (id int PRIMARY KEY, m mood, e d); CREATE VIEW v AS SELECT id FROM t; CREATE SEQUENCE s; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to:
-- dbfleet:renamed-from mood
CREATE TYPE feeling AS ENUM ('a');
-- dbfleet:renamed-from d
CREATE DOMAIN e AS int;
CREATE TABLE t (id int PRIMARY KEY, m feeling, e e);
-- dbfleet:renamed-from v
CREATE VIEW w AS SELECT id FROM t;
-- dbfleet:renamed-from s
CREATE SEQUENCE r;
-- dbfleet:renamed-from f
CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- expect: statements=5
