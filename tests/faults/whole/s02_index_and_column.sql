-- revision: s02
-- revises: s01
-- message: index and column

-- migrate:up
create index things_name on things (name);
insert into chaos_log (rev, dir, stmt) values ('s02', 'up', 2);
alter table things add column more varchar(20);

-- migrate:verify
select id from things where id > 2;

-- migrate:down
alter table things drop column more;
insert into chaos_log (rev, dir, stmt) values ('s02', 'down', 2);
drop index things_name;

-- migrate:down mysql
alter table things drop column more;
insert into chaos_log (rev, dir, stmt) values ('s02', 'down', 2);
drop index things_name on things;
