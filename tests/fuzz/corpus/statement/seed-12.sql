grant select (a, b) on table t to "role x" with grant option; vacuum full t; call p(1, 'x');
