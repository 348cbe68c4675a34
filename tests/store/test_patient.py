"""A connection that the server has ended is a database that is away, whatever the reason."""

import psycopg
import pytest
from django.db import connection

from flows.store.connection import parameters
from flows.store.patient import PatientConnection
from tests.durable import until

pytestmark = pytest.mark.django_db(transaction=True)


def lives(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)", [pid])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("limit", ["idle_in_transaction_session_timeout", "transaction_timeout"])
def test_a_transaction_that_stood_still_for_too_long_is_a_database_away(limit):
    with PatientConnection.connect(**parameters()) as patient:
        patient.execute(f"SET {limit} = 50")
        patient.execute("BEGIN")
        pid = patient.info.backend_pid
        until(lambda: not lives(pid))
        with pytest.raises(psycopg.OperationalError, match="has ended the connection"):
            patient.execute("SELECT 1")
