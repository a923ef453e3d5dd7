-- case: a child and its parents come
-- from:
-- to:
CREATE TABLE a (id int NOT NULL, x text DEFAULT 'x');
CREATE TABLE b (y int CHECK (y > 0));
CREATE TABLE c (z int, x text DEFAULT 'own') INHERITS (a, b);

-- case: a table begins to inherit
-- from:
CREATE TABLE a (id int NOT NULL);
CREATE TABLE c (id int NOT NULL, z int);
-- to:
CREATE TABLE a (id int NOT NULL);
CREATE TABLE c (id int NOT NULL, z int) INHERITS (a);
-- expect: contains=INHERIT a

-- case: a table inherits no more
-- from:
CREATE TABLE a (id int NOT NULL);
CREATE TABLE c (id int NOT NULL, z int) INHERITS (a);
-- to:
CREATE TABLE a (id int NOT NULL);
CREATE TABLE c (id int NOT NULL, z int);
-- expect: contains=NO INHERIT a

-- case: another parent
-- from:
CREATE TABLE a (id int);
CREATE TABLE b (id int);
CREATE TABLE c (id int, z int) INHERITS (a);
-- to:
CREATE TABLE a (id int);
CREATE TABLE b (id int);
CREATE TABLE c (id int, z int) INHERITS (b);

-- case: the parent's columns and checks change
-- from:
CREATE TABLE a (id int, gone int, CONSTRAINT positive CHECK (id > 0));
CREATE TABLE c (z int) INHERITS (a);
-- rows:
INSERT INTO c VALUES (1, 2, 3);
-- to:
CREATE TABLE a (id bigint NOT NULL, fresh text, CONSTRAINT bounded CHECK (id < 100));
CREATE TABLE c (z int) INHERITS (a);
-- expect: data-loss

-- case: a parent goes and takes nobody with it
-- from:
CREATE TABLE a (id int);
CREATE TABLE c (id int, z int) INHERITS (a);
-- to:
CREATE TABLE c (id int, z int);
-- expect: data-loss

-- case: a child comes with a default and a NOT NULL of its own in what it inherits
-- from:
CREATE TABLE note (id int, class int, text text DEFAULT 'x');
-- to:
CREATE TABLE note (id int, class int, text text DEFAULT 'x');
CREATE TABLE asset_note (asset int) INHERITS (note);
ALTER TABLE asset_note ALTER COLUMN class SET DEFAULT 4;
ALTER TABLE asset_note ALTER COLUMN class SET NOT NULL;
ALTER TABLE asset_note ALTER COLUMN text DROP DEFAULT;
-- expect: passes=1
