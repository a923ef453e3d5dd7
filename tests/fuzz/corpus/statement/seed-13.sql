/* c */ create /* d */ temporary table -- e
