-- revision: r05
-- revises: r04
-- message: rows only

-- migrate:up
update counters set n = n + 1 where name = 'a';
insert into chaos_log (rev, dir, stmt) values ('r05', 'up', 2);
insert into orders (id, customer_id, amount) select id + 50, customer_id, amount + 1 from orders where id < 50;
update counters set n = n + 1 where name = 'b';
insert into chaos_log (rev, dir, stmt) values ('r05', 'up', 5);

-- migrate:down
insert into chaos_log (rev, dir, stmt) values ('r05', 'down', 1);
update counters set n = n - 1 where name = 'a';
delete from orders where id between 51 and 99;
update counters set n = n - 1 where name = 'b';
insert into chaos_log (rev, dir, stmt) values ('r05', 'down', 5);
