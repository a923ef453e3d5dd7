create table if not exists `a``b`.t (n int) select * from x;
