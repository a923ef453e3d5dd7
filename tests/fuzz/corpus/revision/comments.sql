/* comment
over lines */ -- more
-- revision: a1
--migrate:up postgres
do $$
-- migrate:down
$$;
-- migrate:up postgres