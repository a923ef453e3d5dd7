-- revision: a1
-- migrate:up sqlite foreign_keys:off
select 1;
