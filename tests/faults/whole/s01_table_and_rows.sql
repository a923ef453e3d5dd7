-- revision: s01
-- revises:
-- message: table and rows

-- migrate:up
create table things (id integer not null primary key, name varchar(40) not null);
insert into chaos_log (rev, dir, stmt) values ('s01', 'up', 2);
insert into things (id, name) values (1, 'one'), (2, 'two');
insert into chaos_log (rev, dir, stmt) values ('s01', 'up', 4);

-- migrate:down
drop table things;
insert into chaos_log (rev, dir, stmt) values ('s01', 'down', 2);
