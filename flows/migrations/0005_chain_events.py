from django.db import migrations

# Writers wait until what is there is chained and the triggers stand, so that no event slips in between.
LOCK = "LOCK TABLE flows_event IN SHARE ROW EXCLUSIVE MODE"

FILL = """
DO $$
DECLARE
    event flows_event;
    execution uuid;
    before bytea;
BEGIN
    FOR event IN SELECT * FROM flows_event ORDER BY execution_id, id LOOP
        IF execution IS DISTINCT FROM event.execution_id THEN
            execution := event.execution_id;
            before := NULL;
        END IF;
        before := flows_event_hash(event, before);
        UPDATE flows_event SET hash = before WHERE id = event.id;
    END LOOP;
END $$
"""

# Whoever writes an event holds the lock on its execution's row, so the last event stays the last one. A
# volatile function sees what was committed while its statement waited for that lock, and the earlier
# rows of its own statement. Index event_of_execution: a session keeps the plan that it made first, and one
# made while the table was small would read all of it, for every event, until the next ANALYZE.
CHAIN = """
CREATE FUNCTION flows_event_chain() RETURNS trigger LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
    before bytea;
BEGIN
    SELECT hash INTO before FROM flows_event
    WHERE execution_id = NEW.execution_id ORDER BY id DESC LIMIT 1;
    NEW.hash := flows_event_hash(NEW, before);
    RETURN NEW;
END $$;
CREATE TRIGGER flows_event_chained BEFORE INSERT ON flows_event
    FOR EACH ROW EXECUTE FUNCTION flows_event_chain();
"""

KEEP = """
CREATE FUNCTION flows_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Events are never changed or removed (%).', lower(TG_OP)
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER flows_event_unchanged BEFORE UPDATE ON flows_event
    FOR EACH ROW EXECUTE FUNCTION flows_event_refuse();
CREATE TRIGGER flows_event_not_emptied BEFORE TRUNCATE ON flows_event
    FOR EACH STATEMENT EXECUTE FUNCTION flows_event_refuse();

CREATE FUNCTION flows_event_keep() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM flows_execution WHERE id = OLD.execution_id) THEN
        RAISE EXCEPTION 'Events are removed only together with their execution.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER flows_event_kept BEFORE DELETE ON flows_event
    FOR EACH ROW EXECUTE FUNCTION flows_event_keep();
"""

FREE = """
DROP TRIGGER flows_event_kept ON flows_event;
DROP TRIGGER flows_event_not_emptied ON flows_event;
DROP TRIGGER flows_event_unchanged ON flows_event;
DROP TRIGGER flows_event_chained ON flows_event;
DROP FUNCTION flows_event_keep, flows_event_refuse, flows_event_chain;
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0004_event_hash")]

    operations = [
        migrations.RunSQL(LOCK, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(CHAIN + KEEP, FREE),
    ]
