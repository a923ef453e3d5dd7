-- The least rights that dbfleet needs on a PostgreSQL database, for two roles:
--   dbfleet_migrator  upgrades, downgrades, stamps; owns what revisions create
--   dbfleet_reader    plan, status, current
--
-- In each target's database, as a superuser:
--   psql -d shop -v ON_ERROR_STOP=1 -f postgres.sql                    makes the roles
--   dbfleet ensure-version -l shop                                     as dbfleet_migrator: makes dbfleet's two tables
--   psql -d shop -v ON_ERROR_STOP=1 -f postgres.sql                    again: now the reader may read them
-- Give the roles passwords or certificates as usual. For another schema than public, or another version table, change the
-- names here. Only its owner may change a table: give tables that exist already to the migrator
-- (ALTER TABLE … OWNER TO dbfleet_migrator), or make it a member of the role that owns them.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dbfleet_migrator') THEN
        CREATE ROLE dbfleet_migrator LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dbfleet_reader') THEN
        CREATE ROLE dbfleet_reader LOGIN;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO dbfleet_migrator, dbfleet_reader', current_database());
END
$$;

-- The migrator makes dbfleet's tables, and whatever revisions make.
GRANT USAGE, CREATE ON SCHEMA public TO dbfleet_migrator;

-- Optional: with it, the session that holds a lock which a revision waits for is named with what it does and since when, and "dbfleet doctor" finds transactions left open.
-- GRANT pg_read_all_stats TO dbfleet_migrator;

-- For backups with pg_dump, where the migrator does not own everything (PostgreSQL 14 and later):
-- GRANT pg_read_all_data TO dbfleet_migrator;

-- The reader reads dbfleet's tables, and nothing else.
GRANT USAGE ON SCHEMA public TO dbfleet_reader;
DO $$
BEGIN
    IF to_regclass('public.dbfleet_version') IS NOT NULL THEN
        GRANT SELECT ON public.dbfleet_version, public.dbfleet_version_history TO dbfleet_reader;
    END IF;
END
$$;
