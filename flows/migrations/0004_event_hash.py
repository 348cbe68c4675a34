from django.db import migrations, models

# What an event's hash is made of: JSON text, so that no two contents read alike. `detail` goes in as it is
# stored, the time as microseconds since 1970. flows/services/audit.py computes the same without the database.
HASH = """
CREATE FUNCTION flows_event_hash(event flows_event, before bytea) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(json_build_array(
        encode(before, 'hex'), event.id, event.execution_id, event.interrupt_id, event.kind, event.actor_id,
        event.door, event.address, event.detail, (extract(epoch FROM event.created_at) * 1000000)::bigint
    )::text, 'UTF8'))
$$
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0003_fewer_indexes")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="hash",
            field=models.BinaryField(db_default=models.Value(b""), editable=False),
        ),
        migrations.RunSQL(HASH, "DROP FUNCTION flows_event_hash"),
    ]
