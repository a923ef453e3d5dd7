-- case: comments on everything
-- from:
CREATE SCHEMA s;
CREATE TYPE mood AS ENUM ('ok');
CREATE DOMAIN d AS int CONSTRAINT dc CHECK (VALUE > 0);
CREATE TYPE c AS (a int);
CREATE SEQUENCE q;
CREATE TABLE t (id int PRIMARY KEY, n int CONSTRAINT n_ok CHECK (n > 0));
CREATE INDEX t_n ON t (n);
CREATE VIEW v AS SELECT id FROM t;
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
CREATE FUNCTION f(a int, OUT b text) LANGUAGE sql AS $$ SELECT a::text $$;
CREATE PROCEDURE p(a int) LANGUAGE sql AS $$ SELECT 1 $$;
CREATE AGGREGATE total(numeric) (SFUNC = numeric_add, STYPE = numeric);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE RULE r AS ON UPDATE TO t DO ALSO NOTHING;
CREATE POLICY po ON t USING (true);
CREATE STATISTICS st (mcv) ON id, n FROM t;
CREATE PUBLICATION pu FOR TABLE t;
-- to:
CREATE SCHEMA s;
COMMENT ON SCHEMA s IS 'a schema';
CREATE TYPE mood AS ENUM ('ok');
COMMENT ON TYPE mood IS 'it''s a mood';
CREATE DOMAIN d AS int CONSTRAINT dc CHECK (VALUE > 0);
COMMENT ON DOMAIN d IS 'a domain';
COMMENT ON CONSTRAINT dc ON DOMAIN d IS 'of a domain';
CREATE TYPE c AS (a int);
COMMENT ON TYPE c IS 'a composite';
COMMENT ON COLUMN c.a IS 'of a composite';
CREATE SEQUENCE q;
COMMENT ON SEQUENCE q IS 'a sequence';
CREATE TABLE t (id int PRIMARY KEY, n int CONSTRAINT n_ok CHECK (n > 0));
COMMENT ON TABLE t IS E'a table\nin two lines \\ with a backslash';
COMMENT ON COLUMN t.n IS 'a column';
COMMENT ON CONSTRAINT n_ok ON t IS 'a constraint';
CREATE INDEX t_n ON t (n);
COMMENT ON INDEX t_n IS 'an index';
CREATE VIEW v AS SELECT id FROM t;
COMMENT ON VIEW v IS 'a view';
COMMENT ON COLUMN v.id IS 'of a view';
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
COMMENT ON MATERIALIZED VIEW m IS 'a materialized view';
CREATE FUNCTION f(a int, OUT b text) LANGUAGE sql AS $$ SELECT a::text $$;
COMMENT ON FUNCTION f(int) IS 'a function';
CREATE PROCEDURE p(a int) LANGUAGE sql AS $$ SELECT 1 $$;
COMMENT ON PROCEDURE p(int) IS 'a procedure';
CREATE AGGREGATE total(numeric) (SFUNC = numeric_add, STYPE = numeric);
COMMENT ON AGGREGATE total(numeric) IS 'an aggregate';
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
COMMENT ON TRIGGER tr ON t IS 'a trigger';
CREATE RULE r AS ON UPDATE TO t DO ALSO NOTHING;
COMMENT ON RULE r ON t IS 'a rule';
CREATE POLICY po ON t USING (true);
COMMENT ON POLICY po ON t IS 'a policy';
CREATE STATISTICS st (mcv) ON id, n FROM t;
COMMENT ON STATISTICS st IS 'statistics';
CREATE PUBLICATION pu FOR TABLE t;
COMMENT ON PUBLICATION pu IS 'a publication';

-- case: comments change and go
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
COMMENT ON TABLE t IS 'old';
COMMENT ON COLUMN t.n IS 'gone';
CREATE VIEW v AS SELECT id FROM t;
COMMENT ON VIEW v IS 'gone too';
-- to:
CREATE TABLE t (id int PRIMARY KEY, n int);
COMMENT ON TABLE t IS 'new';
CREATE VIEW v AS SELECT id FROM t;
-- expect: contains=COMMENT ON COLUMN t.n IS NULL

-- case: comments survive what is dropped and made again
-- from:
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE INDEX t_n ON t (n);
COMMENT ON INDEX t_n IS 'an index';
CREATE VIEW v AS SELECT id, n FROM t;
COMMENT ON VIEW v IS 'a view';
COMMENT ON COLUMN v.n IS 'its column';
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
COMMENT ON FUNCTION f IS 'a function';
-- to:
CREATE TABLE t (id int PRIMARY KEY, n bigint);
CREATE INDEX t_n ON t (n, id);
COMMENT ON INDEX t_n IS 'an index';
CREATE VIEW v AS SELECT id, n FROM t;
COMMENT ON VIEW v IS 'a view';
COMMENT ON COLUMN v.n IS 'its column';
CREATE FUNCTION f(a int) RETURNS text LANGUAGE sql AS $$ SELECT '1' $$;
COMMENT ON FUNCTION f IS 'a function';

-- case: comments on objects that come and go
-- from:
CREATE TABLE gone (id int);
COMMENT ON TABLE gone IS 'gone';
COMMENT ON COLUMN gone.id IS 'gone';
-- to:
CREATE TABLE "New One" ("An Id" int);
COMMENT ON TABLE "New One" IS 'new';
COMMENT ON COLUMN "New One"."An Id" IS 'new';
-- expect: data-loss
