"""Emptying the tables after a test waits for requests that are still on their way."""

import threading

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction

from tests.durable import until


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("held, wanted", [("flows_execution", "auth_user"), ("auth_user", "flows_execution")])
def test_a_deadlock_with_a_request_is_not_the_end(rita: User, held: str, wanted: str) -> None:
    """A request that holds one table and then wants another, which the flush has locked by then in one of the
    two orders."""
    has_begun = threading.Event()

    def request() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '60s'")  # so that it is the flush that is ended
            cursor.execute(f"SELECT 1 FROM {held}")
            has_begun.set()
            until(lambda: _waits(cursor))
            cursor.execute(f"SELECT 1 FROM {wanted}")
        connection.close()

    thread = threading.Thread(target=request)
    thread.start()
    assert has_begun.wait(20)
    call_command("flush", verbosity=0, interactive=False)
    thread.join(20)
    assert not User.objects.exists()


def _waits(cursor) -> bool:
    cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'")
    return cursor.fetchone() is not None
