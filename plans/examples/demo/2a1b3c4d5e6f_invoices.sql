-- revision: 2a1b3c4d5e6f
-- revises: 1f0a2b3c4d5e
-- message: invoices
-- created: 2026-11-22T09:10:00Z

-- migrate:up
create table invoices (
    id integer primary key,
    customer_id integer not null references customers (id),
    cents integer not null check (cents >= 0),
    plan text not null default {{ plan | literal }}
);
create index invoices_customer on invoices (customer_id);
insert into invoices (customer_id, cents) select id, 1200 from customers;

-- migrate:down
drop table invoices;

-- migrate:verify
select id from customers where id not in (select customer_id from invoices);
