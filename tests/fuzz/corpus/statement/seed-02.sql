alter table t add column a int, drop column b, rename to other.u, exchange partition p with table v;
