create unique index concurrently if not exists "i" on only s."T" using btree (lower(x)) where n > 1;
