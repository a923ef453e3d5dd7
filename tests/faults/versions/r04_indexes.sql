-- revision: r04
-- revises: r03
-- message: indexes

-- migrate:up
create index orders_amount on orders (amount);
insert into chaos_log (rev, dir, stmt) values ('r04', 'up', 2);
create unique index customers_name on customers (name);
insert into chaos_log (rev, dir, stmt) values ('r04', 'up', 4);
insert into chaos_log (rev, dir, stmt) values ('r04', 'up', 5);

-- migrate:up postgres transaction:false
create index concurrently orders_amount on orders (amount);
insert into chaos_log (rev, dir, stmt) values ('r04', 'up', 2);
create unique index concurrently customers_name on customers (name);
insert into chaos_log (rev, dir, stmt) values ('r04', 'up', 4);
insert into chaos_log (rev, dir, stmt) values ('r04', 'up', 5);

-- migrate:down
drop index customers_name;
insert into chaos_log (rev, dir, stmt) values ('r04', 'down', 2);
drop index orders_amount;
insert into chaos_log (rev, dir, stmt) values ('r04', 'down', 4);

-- migrate:down postgres transaction:false
drop index concurrently customers_name;
insert into chaos_log (rev, dir, stmt) values ('r04', 'down', 2);
drop index concurrently orders_amount;
insert into chaos_log (rev, dir, stmt) values ('r04', 'down', 4);

-- migrate:down mysql
drop index customers_name on customers;
insert into chaos_log (rev, dir, stmt) values ('r04', 'down', 2);
drop index orders_amount on orders;
insert into chaos_log (rev, dir, stmt) values ('r04', 'down', 4);
