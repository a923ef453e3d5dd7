-- revision: r01
-- revises: 
-- message: customers

-- migrate:up
create table customers (id integer not null primary key, name varchar(40) not null);
insert into chaos_log (rev, dir, stmt) values ('r01', 'up', 2);
insert into customers (id, name) values (1, 'ada');
insert into customers (id, name) values (2, 'bea'), (3, 'cai');
insert into chaos_log (rev, dir, stmt) values ('r01', 'up', 5);

-- migrate:down
insert into chaos_log (rev, dir, stmt) values ('r01', 'down', 1);
drop table customers;
insert into chaos_log (rev, dir, stmt) values ('r01', 'down', 3);
