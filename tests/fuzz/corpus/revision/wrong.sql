-- revision: a@b
-- Revises: x
-- revision: c
select 1;
-- migrate:upp foo bar:baz
-- migrate:check transaction:false
delete from t;
