-- case: a label at the end
-- from:
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE person (id int PRIMARY KEY, feels mood NOT NULL DEFAULT 'ok');
-- to:
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE person (id int PRIMARY KEY, feels mood NOT NULL DEFAULT 'ok');
-- expect: contains=ALTER TYPE mood ADD VALUE 'happy' AFTER 'ok'

-- case: labels in front, between and behind
-- from:
CREATE TYPE size AS ENUM ('m', 'xl');
CREATE TABLE shirt (id int PRIMARY KEY, size size);
-- to:
CREATE TYPE size AS ENUM ('xs', 's', 'm', 'l', 'xl', 'xxl');
CREATE TABLE shirt (id int PRIMARY KEY, size size);
-- expect: contains=ADD VALUE 'xs' BEFORE 'm'
-- expect: lacks=CREATE TYPE

-- case: the new label is the default at once
-- from:
CREATE TYPE state AS ENUM ('open', 'closed');
CREATE TABLE ticket (id int PRIMARY KEY, state state NOT NULL DEFAULT 'open');
-- to:
CREATE TYPE state AS ENUM ('new', 'open', 'closed');
CREATE TABLE ticket (id int PRIMARY KEY, state state NOT NULL DEFAULT 'new');

-- case: the new label is used by a check, an index and a view
-- from:
CREATE TYPE state AS ENUM ('open', 'closed');
CREATE TABLE ticket (id int PRIMARY KEY, state state NOT NULL);
-- rows:
INSERT INTO ticket VALUES (1, 'open'), (2, 'closed');
-- to:
CREATE TYPE state AS ENUM ('open', 'closed', 'lost');
CREATE TABLE ticket (id int PRIMARY KEY, state state NOT NULL, CONSTRAINT never_lost CHECK (state <> 'lost'));
CREATE INDEX ticket_lost ON ticket (id) WHERE state = 'lost';
CREATE VIEW lost AS SELECT id FROM ticket WHERE state = ANY ('{lost}');

-- case: the new label is that of a new partition, and the way back would need a new table
-- from:
CREATE TYPE state AS ENUM ('open', 'closed');
CREATE TABLE log (id int NOT NULL, state state NOT NULL) PARTITION BY LIST (state);
CREATE TABLE log_open PARTITION OF log FOR VALUES IN ('open');
-- rows:
INSERT INTO log VALUES (1, 'open'), (2, 'open');
-- to:
CREATE TYPE state AS ENUM ('open', 'closed', 'lost');
CREATE TABLE log (id int NOT NULL, state state NOT NULL) PARTITION BY LIST (state);
CREATE TABLE log_open PARTITION OF log FOR VALUES IN ('open');
CREATE TABLE log_lost PARTITION OF log FOR VALUES IN ('lost');
-- expect: refused

-- case: a label goes
-- from:
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE person (id int PRIMARY KEY, feels mood NOT NULL DEFAULT 'ok');
-- rows:
INSERT INTO person VALUES (1, 'sad'), (2, 'ok');
-- to:
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE person (id int PRIMARY KEY, feels mood NOT NULL DEFAULT 'ok');
-- expect: data-loss
-- expect: contains=USING feels::text::mood

-- case: labels change places
-- from:
CREATE TYPE mood AS ENUM ('ok', 'sad', 'happy');
CREATE TABLE person (id int PRIMARY KEY, feels mood DEFAULT 'sad', felt mood[] NOT NULL DEFAULT '{ok}');
CREATE INDEX person_feels ON person (feels) WHERE feels > 'ok';
-- to:
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE person (id int PRIMARY KEY, feels mood DEFAULT 'sad', felt mood[] NOT NULL DEFAULT '{ok}');
CREATE INDEX person_feels ON person (feels) WHERE feels > 'ok';

-- case: a label goes under views, a check, a primary key and a foreign key
-- from:
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'gone');
CREATE TABLE kind (feels mood PRIMARY KEY, note text, CONSTRAINT known CHECK (feels <> 'happy'));
CREATE TABLE person (id int PRIMARY KEY, feels mood REFERENCES kind, was mood DEFAULT 'ok');
CREATE VIEW cheerful AS SELECT id, feels FROM person WHERE feels >= 'ok';
CREATE VIEW cheerful_count AS SELECT count(*) AS n FROM cheerful;
CREATE MATERIALIZED VIEW kinds AS SELECT feels, note FROM kind;
CREATE INDEX kinds_feels ON kinds (feels);
-- rows:
INSERT INTO kind VALUES ('sad', 'a'), ('ok', 'b');
INSERT INTO person VALUES (1, 'sad'), (2, 'ok');
-- to:
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE kind (feels mood PRIMARY KEY, note text, CONSTRAINT known CHECK (feels <> 'happy'));
CREATE TABLE person (id int PRIMARY KEY, feels mood REFERENCES kind, was mood DEFAULT 'ok');
CREATE VIEW cheerful AS SELECT id, feels FROM person WHERE feels >= 'ok';
CREATE VIEW cheerful_count AS SELECT count(*) AS n FROM cheerful;
CREATE MATERIALIZED VIEW kinds AS SELECT feels, note FROM kind;
CREATE INDEX kinds_feels ON kinds (feels);
-- expect: data-loss

-- case: a label goes under a function and a trigger of its type
-- from:
CREATE TYPE mood AS ENUM ('sad', 'ok', 'gone');
CREATE TABLE person (id int PRIMARY KEY, feels mood);
CREATE FUNCTION mood_text(m mood) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT m::text $$;
CREATE FUNCTION calm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.feels := 'ok'; RETURN NEW; END $$;
CREATE TRIGGER person_calm BEFORE INSERT ON person FOR EACH ROW WHEN (NEW.feels = 'sad') EXECUTE FUNCTION calm();
-- rows:
INSERT INTO person VALUES (1, 'sad'), (2, 'ok');
-- to:
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE person (id int PRIMARY KEY, feels mood);
CREATE FUNCTION mood_text(m mood) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT m::text $$;
CREATE FUNCTION calm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.feels := 'ok'; RETURN NEW; END $$;
CREATE TRIGGER person_calm BEFORE INSERT ON person FOR EACH ROW WHEN (NEW.feels = 'sad') EXECUTE FUNCTION calm();
-- expect: data-loss

-- case: a label is renamed because it was said
-- from:
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE person (id int PRIMARY KEY, feels mood NOT NULL DEFAULT 'sad');
-- to:
CREATE TYPE mood AS ENUM (
    'unhappy', -- dbfleet:renamed-from sad
    'ok');
CREATE TABLE person (id int PRIMARY KEY, feels mood NOT NULL DEFAULT 'unhappy');
-- expect: contains=RENAME VALUE 'sad' TO 'unhappy'

-- case: an enum comes with the table that uses it, a name and a label that need quotes
-- from:
-- to:
CREATE TYPE "Order State" AS ENUM ('it''s new', 'a,b');
CREATE TABLE orders (id int PRIMARY KEY, state "Order State" DEFAULT 'a,b');

-- case: an enum goes and its column becomes text
-- from:
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE person (id int PRIMARY KEY, feels mood NOT NULL DEFAULT 'ok');
-- to:
CREATE TABLE person (id int PRIMARY KEY, feels text NOT NULL DEFAULT 'ok');

-- case: an enum inside a domain, a composite type and an array loses a label
-- from:
CREATE TYPE mood AS ENUM ('sad', 'ok', 'gone');
CREATE DOMAIN good_mood AS mood CHECK (VALUE <> 'sad');
CREATE TYPE report AS (at date, feels mood);
CREATE TABLE person (id int PRIMARY KEY, feels good_mood, all_of mood[]);
-- rows:
INSERT INTO person VALUES (1, 'ok', '{sad,ok}');
-- to:
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN good_mood AS mood CHECK (VALUE <> 'sad');
CREATE TYPE report AS (at date, feels mood);
CREATE TABLE person (id int PRIMARY KEY, feels good_mood, all_of mood[]);
-- expect: data-loss

-- case: a label goes from the type of a partition key
-- from:
CREATE TYPE state AS ENUM ('open', 'closed', 'gone');
CREATE TABLE log (id int NOT NULL, state state NOT NULL) PARTITION BY LIST (state);
CREATE TABLE log_open PARTITION OF log FOR VALUES IN ('open');
-- to:
CREATE TYPE state AS ENUM ('open', 'closed');
CREATE TABLE log (id int NOT NULL, state state NOT NULL) PARTITION BY LIST (state);
CREATE TABLE log_open PARTITION OF log FOR VALUES IN ('open');
-- expect: refused

-- case: the new label is that of a new partition, and its table may be made anew on the way back
-- from:
CREATE TYPE state AS ENUM ('open', 'closed');
CREATE TABLE log (id int NOT NULL, state state NOT NULL) PARTITION BY LIST (state);
CREATE TABLE log_open PARTITION OF log FOR VALUES IN ('open');
-- rows:
INSERT INTO log VALUES (1, 'open'), (2, 'open');
-- to:
CREATE TYPE state AS ENUM ('open', 'closed', 'lost');
CREATE TABLE log (id int NOT NULL, state state NOT NULL) PARTITION BY LIST (state);
CREATE TABLE log_open PARTITION OF log FOR VALUES IN ('open');
CREATE TABLE log_lost PARTITION OF log FOR VALUES IN ('lost');
-- expect: allow-recreate
