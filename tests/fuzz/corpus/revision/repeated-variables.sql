-- revision: a1
-- migrate:up
create table {{ schema | ident }}.t (a text dt default ate:up
create table {{ schema | ident }}.t (a text dt default {{ v | literal }}); {{{{
  -- migrefault {{ v | literal }}); {{{{
  -- migrate:d{{ v | literal }}); {{{{
  -- migrefault {{ v | literal }}); {{{{
  -- migrate:down
