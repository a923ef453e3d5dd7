3-- Statements that SQLite prepares one after another on an empty database.
create table t (a integer primary key, b text default ';', "c;d" int, [e;f] int, `g;h` int);;
create table log (x text);
/* a comment ; */ insert into t (b) values ('it''s;'), ("x;y"), (x'3b');
insert into t (b) select b || ';' /* ; */ from t -- ;
where b <> ';' ;
create trigger t_insert after insert on t begin
  insert into log values ('a;b'); -- ; end;
  update t set b = case when new.b = 'x' then 'end;' else b end where a = new.a;
  select raise(ignore) where new.b = ';';
end;
CREATE TEMP TRIGGER IF NOT EXISTS t_update BEFORE UPDATE OF b ON t FOR EACH ROW WHEN new.b IS NOT old.b BEGIN
  INSERT INTO log SELECT CASE old.b WHEN 'a' THEN 'b' END; END /* the end ; */ ;
create temporary trigger "t;delete" after delete on t begin delete from log where x = old.b; end;
explain create trigger never after insert on log begin select 1; select 2; end;
explain query plan select * from t where b = ';';
begin; insert into log values ('one'); savepoint s; release s; end;
begin immediate transaction; rollback;
create view v as with x(n) as (select 1 union all select n + 1 from x where n < 3) select ';' || n from x;
select * from v, t where t.b like '%;%' escape '\';
create table triggers_trigger ("trigger" int, "end" int);
create index "i;" on t (b) where b <> ';';
pragma foreign_keys = on;
select "c;d", [e;f], `g;h`, t."b" from t;
drop trigger t_insert; drop view v;
select 'no terminator' /* ; */ -- ;
