-- revision: r08
-- revises: r07
-- message: what each server does its own way

-- migrate:up sqlite foreign_keys:off
create table customers_new (
  id integer not null primary key,
  name varchar(40) not null,
  note varchar(80) not null default '',
  points integer not null default 10
);
insert into customers_new (id, name, note, points) select id, name, coalesce(note, ''), points from customers;
drop table customers;
alter table customers_new rename to customers;
create unique index customers_name on customers (name);
insert into chaos_log (rev, dir, stmt) values ('r08', 'up', 6);

-- migrate:up postgres transaction:false
create type mood as enum ('fine', 'sad');
insert into chaos_log (rev, dir, stmt) values ('r08', 'up', 2);
alter type mood add value 'new';
alter table orders add column feels mood not null default 'fine';
insert into chaos_log (rev, dir, stmt) values ('r08', 'up', 5);
update orders set feels = 'new' where id = 3;
insert into chaos_log (rev, dir, stmt) values ('r08', 'up', 7);

-- migrate:up mysql
create table notes (rev varchar(10) not null, stmt integer not null) engine=Aria;
insert into chaos_log (rev, dir, stmt) values ('r08', 'up', 2);
insert into notes (rev, stmt) values ('r08', 3);
insert into chaos_log (rev, dir, stmt) values ('r08', 'up', 4);
alter table notes add column more varchar(20);
insert into chaos_log (rev, dir, stmt) values ('r08', 'up', 6);

-- migrate:down sqlite foreign_keys:off
create table customers_old (
  id integer not null primary key,
  name varchar(40) not null,
  note varchar(80),
  points integer not null default 10
);
insert into customers_old (id, name, note, points) select id, name, nullif(note, ''), points from customers;
drop table customers;
alter table customers_old rename to customers;
create unique index customers_name on customers (name);
insert into chaos_log (rev, dir, stmt) values ('r08', 'down', 6);

-- migrate:down postgres transaction:false
alter table orders drop column feels;
insert into chaos_log (rev, dir, stmt) values ('r08', 'down', 2);
drop type mood;
insert into chaos_log (rev, dir, stmt) values ('r08', 'down', 4);

-- migrate:down mysql
drop table notes;
insert into chaos_log (rev, dir, stmt) values ('r08', 'down', 2);
