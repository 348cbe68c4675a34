from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """The primary key begins with the time, so it lists the newest first as well."""

    atomic = False
    dependencies = [("flows", "0008_remote_runs")]

    operations = [RemoveIndexConcurrently("execution", "execution_newest")]
