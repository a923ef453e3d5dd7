-- revision: 4b1f0c27a9de
-- revises: 9c2e77aa01b3, 11aa
-- depends-on: billing
-- labels: shop eu
-- message: add invoices
-- created: 2026-11-22T16:40:00Z

-- migrate:up
create table invoices (id int);

-- migrate:up mysql transaction:false
select 1;
-- migrate:down
drop table invoices;

-- migrate:check
select 1 where false;
-- migrate:verify sqlite
select 2;
