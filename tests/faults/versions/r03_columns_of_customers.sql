-- revision: r03
-- revises: r02
-- message: columns of customers

-- migrate:up
alter table customers add column note varchar(80);
insert into chaos_log (rev, dir, stmt) values ('r03', 'up', 2);
update customers set note = 'since the start' where id < 3;
insert into chaos_log (rev, dir, stmt) values ('r03', 'up', 4);
alter table customers add column points integer not null default 10;
update customers set points = points + id;
insert into chaos_log (rev, dir, stmt) values ('r03', 'up', 7);

-- migrate:down
insert into chaos_log (rev, dir, stmt) values ('r03', 'down', 1);
alter table customers drop column points;
insert into chaos_log (rev, dir, stmt) values ('r03', 'down', 3);
alter table customers drop column note;
