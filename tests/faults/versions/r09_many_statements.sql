-- revision: r09
-- revises: r08
-- message: many statements

-- migrate:up sqlite
create table m1 (id integer not null primary key, v integer not null);
insert into m1 (id, v) with recursive up(n) as (select 1 union all select n + 1 from up where n < 2000) select n, n * 2 from up;
insert into chaos_log (rev, dir, stmt) values ('r09', 'up', 3);
create index m1_v on m1 (v);
update m1 set v = v + 1;
insert into chaos_log (rev, dir, stmt) values ('r09', 'up', 6);

-- migrate:up postgres
create table m1 (id integer not null primary key, v integer not null);
insert into m1 (id, v) select n, n * 2 from generate_series(1, 2000) as up(n);
insert into chaos_log (rev, dir, stmt) values ('r09', 'up', 3);
create index m1_v on m1 (v);
update m1 set v = v + 1;
select pg_sleep(0.03);
insert into chaos_log (rev, dir, stmt) values ('r09', 'up', 7);

-- migrate:up mysql
create table m1 (id integer not null primary key);
insert into chaos_log (rev, dir, stmt) values ('r09', 'up', 2);
alter table m1 add column v integer not null default 0;
insert into chaos_log (rev, dir, stmt) values ('r09', 'up', 4);
create index m1_v on m1 (v);
insert into chaos_log (rev, dir, stmt) values ('r09', 'up', 6);
insert into m1 (id, v) select seq, seq * 2 from seq_1_to_2000;
update m1 set v = v + 1;
insert into chaos_log (rev, dir, stmt) values ('r09', 'up', 9);
create table m2 (id integer not null primary key, m1_id integer not null);
insert into m2 (id, m1_id) values (1, 1);
rename table m2 to m3;
insert into chaos_log (rev, dir, stmt) values ('r09', 'up', 13);
alter table m3 add constraint m3_m1 foreign key (m1_id) references m1 (id);
create or replace view m_view as select id from m3;
select sleep(0.03);
insert into chaos_log (rev, dir, stmt) values ('r09', 'up', 17);
alter table m1 modify column v bigint not null default 0;

-- migrate:down
drop table m1;
insert into chaos_log (rev, dir, stmt) values ('r09', 'down', 2);

-- migrate:down mysql
drop view m_view;
insert into chaos_log (rev, dir, stmt) values ('r09', 'down', 2);
drop table m3;
insert into chaos_log (rev, dir, stmt) values ('r09', 'down', 4);
drop table m1;
insert into chaos_log (rev, dir, stmt) values ('r09', 'down', 6);
