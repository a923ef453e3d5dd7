-- case: an event is made
-- from:
-- to:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE COMMENT 'cleans; up' DO DELETE FROM nowhere;
-- expect: statements=1 passes=1

-- case: an event is dropped
-- from:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM nowhere;
-- to:
-- expect: statements=1

-- case: when an event begins is no difference unless it is said
-- from:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM nowhere;
DO sleep(1.1);
-- to:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM nowhere;
-- expect: informs

-- case: the schedule of an event
-- from:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM nowhere;
-- to:
CREATE EVENT e ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS '2030-01-01 00:00:00' ENDS '2031-01-01 00:00:00' DISABLE DO DELETE FROM nowhere;
-- expect: statements=1

-- case: an event happens once
-- from:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM nowhere;
-- to:
CREATE EVENT e ON SCHEDULE AT '2035-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO DELETE FROM nowhere;
-- expect: statements=1

-- case: an event is switched on
-- from:
CREATE EVENT e ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' DISABLE DO SET @x = 1;
-- to:
CREATE EVENT e ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' ENABLE DO SET @x = 1;
-- expect: statements=1
-- expect: contains=ALTER EVENT `e`

-- case: what an event does
-- from:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SET @x = 1;
-- to:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO BEGIN SET @x = 1; SET @y = 2; END;
-- expect: statements=1

-- case: the comment of an event goes
-- from:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE COMMENT 'x' DO SET @x = 1;
-- to:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SET @x = 1;
-- expect: statements=1

-- case: an event stays when it is done
-- from:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SET @x = 1;
-- to:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE DISABLE DO SET @x = 1;
-- expect: statements=1

-- case: an event that was made in another mode
-- from:
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SET @x = 1;
-- to:
SET sql_mode = 'ANSI_QUOTES';
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SET @x = 1;
SET sql_mode = DEFAULT;
-- expect: statements=3
