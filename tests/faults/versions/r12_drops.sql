-- revision: r12
-- revises: r11
-- message: drops

-- migrate:up sqlite
delete from staging_a;
insert into chaos_log (rev, dir, stmt) values ('r12', 'up', 2);
drop table staging_a;
drop table staging_b;
alter table customers drop column points;
insert into chaos_log (rev, dir, stmt) values ('r12', 'up', 6);

-- migrate:up
truncate table staging_a;
insert into chaos_log (rev, dir, stmt) values ('r12', 'up', 2);
drop table staging_a, staging_b;
insert into chaos_log (rev, dir, stmt) values ('r12', 'up', 4);
alter table customers drop column points;
insert into chaos_log (rev, dir, stmt) values ('r12', 'up', 6);

-- migrate:down
create table staging_a (n integer not null);
insert into staging_a (n) values (1), (2);
create table staging_b (n integer not null);
insert into staging_b (n) values (3);
insert into chaos_log (rev, dir, stmt) values ('r12', 'down', 5);
alter table customers add column points integer not null default 10;
update customers set points = points + id;
insert into chaos_log (rev, dir, stmt) values ('r12', 'down', 8);
