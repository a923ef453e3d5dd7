-- revision: r11
-- revises: r10
-- message: checked and verified

-- migrate:check
select name, n from tallies where n <> 1;

-- migrate:up
create table staging_a (n integer not null);
create table staging_b (n integer not null);
insert into staging_a (n) values (1), (2);
insert into staging_b (n) values (3);
update tallies set n = n + 10 where name = 'a';
insert into chaos_log (rev, dir, stmt) values ('r11', 'up', 6);

-- migrate:verify
select name, n from tallies where name = 'a' and n <> 11;
select count(*) as rows_missing from staging_a having count(*) <> 2;

-- migrate:down
update tallies set n = n - 10 where name = 'a';
drop table staging_a;
drop table staging_b;
insert into chaos_log (rev, dir, stmt) values ('r11', 'down', 4);
