-- revision: a1
-- migrate:up
create table {{ schema | ident }}.t (a text default {{ v | literal }}); {{{{
  -- migrate:down
