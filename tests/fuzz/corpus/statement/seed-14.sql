 t (n int); create sequence s; drop event if exists e; create database d; optimize table t; insert into t values (1)
