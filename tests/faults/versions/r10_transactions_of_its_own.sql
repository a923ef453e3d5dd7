-- revision: r10
-- revises: r09
-- message: transactions of its own

-- migrate:up transaction:false
begin;
insert into orders (id, customer_id, cents) values (300, 3, 5);
insert into chaos_log (rev, dir, stmt) values ('r10', 'up', 3);
commit;
insert into chaos_log (rev, dir, stmt) values ('r10', 'up', 5);
create table plain (n integer not null);
begin;
insert into plain (n) values (1);
insert into plain (n) values (1);
insert into chaos_log (rev, dir, stmt) values ('r10', 'up', 10);
commit;
insert into chaos_log (rev, dir, stmt) values ('r10', 'up', 12);

-- migrate:down transaction:false
begin;
delete from orders where id = 300;
delete from audit where what = 'order 300';
insert into chaos_log (rev, dir, stmt) values ('r10', 'down', 4);
commit;
drop table plain;
insert into chaos_log (rev, dir, stmt) values ('r10', 'down', 7);
