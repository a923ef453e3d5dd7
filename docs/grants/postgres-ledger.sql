-- What a shared ledger needs on PostgreSQL: one role for every machine that writes to it, and a schema of its own. Run as a
-- superuser or the database's owner, in the database that the ledger is to live in:
--   psql -d ops -v ON_ERROR_STOP=1 -f postgres-ledger.sql
-- Give the role a password or certificate as usual. It needs nothing else in that database, and none of the targets' roles
-- needs anything here.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dbfleet_ledger') THEN
        CREATE ROLE dbfleet_ledger LOGIN;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO dbfleet_ledger', current_database());
END
$$;
CREATE SCHEMA IF NOT EXISTS dbfleet_ledger AUTHORIZATION dbfleet_ledger;
