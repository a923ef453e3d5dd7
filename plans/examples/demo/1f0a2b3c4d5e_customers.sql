-- revision: 1f0a2b3c4d5e
-- revises:
-- message: customers
-- created: 2026-11-22T09:00:00Z

-- migrate:up
create table customers (
    id integer primary key,
    name text not null,
    email text
);
insert into customers (id, name, email) values
    (1, 'Ada', 'ada@example.org'),
    (2, 'Grace', 'grace@example.org');

-- migrate:down
drop table customers;
