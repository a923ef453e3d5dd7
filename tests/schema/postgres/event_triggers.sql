-- case: an event trigger comes
-- from:
-- to:
CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'told'; END $$;
CREATE EVENT TRIGGER tell ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION told();
CREATE EVENT TRIGGER tell_all ON sql_drop EXECUTE FUNCTION told();
ALTER EVENT TRIGGER tell_all DISABLE;

-- case: an event trigger changes
-- from:
CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'told'; END $$;
CREATE EVENT TRIGGER a ON ddl_command_end EXECUTE FUNCTION told();
CREATE EVENT TRIGGER b ON ddl_command_end EXECUTE FUNCTION told();
CREATE EVENT TRIGGER c ON ddl_command_end EXECUTE FUNCTION told();
-- to:
CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'told'; END $$;
CREATE EVENT TRIGGER a ON ddl_command_start EXECUTE FUNCTION told();
CREATE EVENT TRIGGER b ON ddl_command_end EXECUTE FUNCTION told();
ALTER EVENT TRIGGER b ENABLE REPLICA;
