1select 1\G
 delimiter
select \N;
select 1
DELIMITER $$
