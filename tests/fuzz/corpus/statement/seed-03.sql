drop table a, "b c", nosuch cascade;
