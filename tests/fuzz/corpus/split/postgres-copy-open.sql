0copy t from stdin with (format csv); -- x
1,2
\.x