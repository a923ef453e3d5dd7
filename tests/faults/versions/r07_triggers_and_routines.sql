-- revision: r07
-- revises: r06
-- message: triggers and routines

-- migrate:up sqlite
create table audit (what varchar(40) not null);
create trigger orders_audit after insert on orders begin
  insert into audit (what) values ('order ' || new.id);
end;
insert into orders (id, customer_id, cents) values (170, 1, 700);
insert into chaos_log (rev, dir, stmt) values ('r07', 'up', 4);
insert into orders (id, customer_id, cents) values (171, 2, 710);
insert into chaos_log (rev, dir, stmt) values ('r07', 'up', 6);

-- migrate:up postgres
create table audit (what varchar(40) not null);
create function note_order() returns trigger language plpgsql as $$
begin
  insert into audit (what) values ('order ' || new.id);
  return new;
end $$;
create trigger orders_audit after insert on orders for each row execute function note_order();
insert into orders (id, customer_id, cents) values (170, 1, 700);
insert into chaos_log (rev, dir, stmt) values ('r07', 'up', 5);
do $$ begin insert into orders (id, customer_id, cents) values (171, 2, 710); end $$;
insert into chaos_log (rev, dir, stmt) values ('r07', 'up', 7);

-- migrate:up mysql
create table audit (what varchar(40) not null);
delimiter //
create trigger orders_audit after insert on orders for each row begin
  insert into audit (what) values (concat('order ', new.id));
end//
create procedure add_order(in p_id integer) begin
  insert into orders (id, customer_id, cents) values (p_id, 2, 710);
end//
delimiter ;
insert into orders (id, customer_id, cents) values (170, 1, 700);
insert into chaos_log (rev, dir, stmt) values ('r07', 'up', 5);
call add_order(171);
insert into chaos_log (rev, dir, stmt) values ('r07', 'up', 7);

-- migrate:down sqlite
drop trigger orders_audit;
delete from orders where id in (170, 171);
insert into chaos_log (rev, dir, stmt) values ('r07', 'down', 3);
drop table audit;

-- migrate:down postgres
drop trigger orders_audit on orders;
drop function note_order();
delete from orders where id in (170, 171);
insert into chaos_log (rev, dir, stmt) values ('r07', 'down', 4);
drop table audit;

-- migrate:down mysql
drop procedure add_order;
drop trigger orders_audit;
delete from orders where id in (170, 171);
insert into chaos_log (rev, dir, stmt) values ('r07', 'down', 4);
drop table audit;
insert into chaos_log (rev, dir, stmt) values ('r07', 'down', 6);
