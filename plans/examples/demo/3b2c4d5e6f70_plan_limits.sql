-- revision: 3b2c4d5e6f70
-- revises: 2a1b3c4d5e6f
-- message: seats by plan
-- created: 2026-11-22T09:20:00Z

-- migrate:up
create table plan_limits (
    plan text primary key,
    seats integer not null
);
insert into plan_limits (plan, seats) values ('enterprise', 500);
insert into plan_limits (plan, seats) values ({{ plan | literal }}, 10);

-- migrate:down
drop table plan_limits;
