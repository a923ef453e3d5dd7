-- revision: r02
-- revises: r01
-- message: orders and counters

-- migrate:up
create table orders (
  id integer not null primary key,
  customer_id integer not null,
  amount integer not null,
  foreign key (customer_id) references customers (id)
);
insert into chaos_log (rev, dir, stmt) values ('r02', 'up', 2);
create table counters (name varchar(20) not null primary key, n integer not null);
insert into counters (name, n) values ('a', 0);
insert into counters (name, n) values ('b', 0);
insert into orders (id, customer_id, amount) values (1, 1, 100), (2, 1, 250), (3, 2, 75);
insert into chaos_log (rev, dir, stmt) values ('r02', 'up', 7);

-- migrate:down
drop table counters;
insert into chaos_log (rev, dir, stmt) values ('r02', 'down', 2);
drop table orders;
insert into chaos_log (rev, dir, stmt) values ('r02', 'down', 4);
