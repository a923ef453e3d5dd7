3.mode csv
select [a;b]; create temp trigger t begin select 1; end;