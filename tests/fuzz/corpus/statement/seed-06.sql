drop index concurrently i1, s.i2;
