1DELIMITER //
create procedure p() begin select 1; end//
DELIMITER ;
select `a``;`, "\";" # x
;-- y
