from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What flows_prune looks for: without it every batch reads the whole table."""

    atomic = False
    dependencies = [("flows", "0005_chain_events")]

    operations = [
        AddIndexConcurrently(
            "execution",
            models.Index(
                fields=["finished_at"],
                name="execution_finished",
                condition=models.Q(finished_at__isnull=False),
            ),
        ),
    ]
