reindex (verbose, concurrently) table s.t;
