-- case: a function is made
-- from:
-- to:
CREATE FUNCTION f(a int, b varchar(10)) RETURNS varchar(30) DETERMINISTIC COMMENT 'joins; them' RETURN concat(a, b);
-- expect: statements=1 passes=1

-- case: a function is dropped
-- from:
CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN a;
-- to:
-- expect: statements=1

-- case: the body of a function changes
-- from:
CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN a;
-- to:
CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC BEGIN DECLARE b int DEFAULT 1; SET b = a + b; RETURN b; END;
-- expect: statements=1
-- expect: contains=CREATE OR REPLACE FUNCTION `f`

-- case: the parameters of a function change
-- from:
CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN a;
-- to:
CREATE FUNCTION f(a int, b bigint) RETURNS bigint DETERMINISTIC RETURN a + b;
-- expect: statements=1

-- case: what a function says about itself
-- from:
CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN a;
-- to:
CREATE FUNCTION f(a int) RETURNS int NOT DETERMINISTIC READS SQL DATA SQL SECURITY INVOKER COMMENT 'x' RETURN a;
-- expect: statements=1

-- case: an aggregate
-- from:
CREATE FUNCTION f(a int) RETURNS int RETURN a;
-- to:
CREATE AGGREGATE FUNCTION f(a int) RETURNS int BEGIN DECLARE s int DEFAULT 0; DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN s; LOOP FETCH GROUP NEXT ROW; SET s = s + a; END LOOP; END;
-- expect: statements=1

-- case: a procedure is made
-- from:
CREATE TABLE t (id int PRIMARY KEY);
-- to:
CREATE TABLE t (id int PRIMARY KEY);
DELIMITER //
CREATE PROCEDURE p(IN a int, OUT b int)
BEGIN
  -- counts; the rows
  IF a > 0 THEN
    SELECT count(*) INTO b FROM t;
  ELSE
    SET b = 0;
  END IF;
END
//
DELIMITER ;
-- expect: statements=1

-- case: a procedure is dropped
-- from:
CREATE PROCEDURE p() SELECT 1;
-- to:
-- expect: statements=1

-- case: a procedure changes
-- from:
CREATE PROCEDURE p() SELECT 1;
-- to:
CREATE PROCEDURE p(a int) SQL SECURITY INVOKER SELECT a;
-- expect: statements=1

-- case: a function and a procedure of one name
-- from:
-- to:
CREATE PROCEDURE p() SELECT 1;
CREATE FUNCTION p() RETURNS int RETURN 1;
-- expect: statements=2

-- case: a routine that was made in another mode
-- from:
CREATE PROCEDURE p() SELECT 1;
-- to:
SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';
CREATE PROCEDURE p() SELECT 1 AS "a", 'x\';
SET sql_mode = DEFAULT;
-- expect: statements=3
-- expect: contains=SET SESSION sql_mode = DEFAULT

-- case: only the mode of a routine differs
-- from:
CREATE PROCEDURE p() SELECT 1;
-- to:
SET sql_mode = '';
CREATE PROCEDURE p() SELECT 1;
SET sql_mode = DEFAULT;
-- expect: statements=3

-- case: a package is made
-- from:
-- to:
SET sql_mode = 'ORACLE';
DELIMITER //
CREATE PACKAGE k AS
  FUNCTION f RETURN int;
  PROCEDURE p;
END
//
CREATE PACKAGE BODY k AS
  FUNCTION f RETURN int AS BEGIN RETURN 1; END;
  PROCEDURE p AS BEGIN NULL; END;
END
//
DELIMITER ;
SET sql_mode = DEFAULT;

-- case: the body of a package changes
-- from:
SET sql_mode = 'ORACLE';
DELIMITER //
CREATE PACKAGE k AS FUNCTION f RETURN int; END
//
CREATE PACKAGE BODY k AS FUNCTION f RETURN int AS BEGIN RETURN 1; END; END
//
DELIMITER ;
-- to:
SET sql_mode = 'ORACLE';
DELIMITER //
CREATE PACKAGE k AS FUNCTION f RETURN int; END
//
CREATE PACKAGE BODY k AS FUNCTION f RETURN int AS BEGIN RETURN 2; END; END
//
DELIMITER ;
-- expect: statements=3

-- case: what a package offers changes
-- from:
SET sql_mode = 'ORACLE';
DELIMITER //
CREATE PACKAGE k AS FUNCTION f RETURN int; END
//
CREATE PACKAGE BODY k AS FUNCTION f RETURN int AS BEGIN RETURN 1; END; END
//
DELIMITER ;
-- to:
SET sql_mode = 'ORACLE';
DELIMITER //
CREATE PACKAGE k AS FUNCTION f RETURN int; FUNCTION g RETURN int; END
//
CREATE PACKAGE BODY k AS FUNCTION f RETURN int AS BEGIN RETURN 1; END; FUNCTION g RETURN int AS BEGIN RETURN 1; END; END
//
DELIMITER ;
-- expect: statements=4

-- case: the body of a package goes
-- from:
SET sql_mode = 'ORACLE';
DELIMITER //
CREATE PACKAGE k AS FUNCTION f RETURN int; END
//
CREATE PACKAGE BODY k AS FUNCTION f RETURN int AS BEGIN RETURN 1; END; END
//
DELIMITER ;
-- to:
SET sql_mode = 'ORACLE';
DELIMITER //
CREATE PACKAGE k AS FUNCTION f RETURN int; END
//
DELIMITER ;
-- expect: statements=3
