-- revision: r06
-- revises: r05
-- message: rename and view

-- migrate:up
alter table orders rename column amount to cents;
insert into chaos_log (rev, dir, stmt) values ('r06', 'up', 2);
create view order_totals as select customer_id, sum(cents) as cents from orders group by customer_id;
alter table counters rename to tallies;
insert into chaos_log (rev, dir, stmt) values ('r06', 'up', 5);

-- migrate:down
insert into chaos_log (rev, dir, stmt) values ('r06', 'down', 1);
alter table tallies rename to counters;
drop view order_totals;
alter table orders rename column cents to amount;
insert into chaos_log (rev, dir, stmt) values ('r06', 'down', 5);
