"""psycopg connections that give up on a server that says nothing any more.

Keepalives see a machine that is gone. They do not see a proxy, a firewall or a stopped server
that keeps the connection open and answers nothing; a deadline sees every one of them.
"""

from types import SimpleNamespace
from typing import Any, Self

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

INTERVAL = 0.1  # psycopg's own: how often a wait looks up
# The server gave up on a transaction that stood still, and psycopg takes that for an error of its own.
ENDED = (psycopg.errors.IdleInTransactionSessionTimeout, psycopg.errors.TransactionTimeout)
PROOF_SECONDS = 3.0  # for a sign of life that costs the server nothing


class PatientConnection(psycopg.Connection[Any]):
    """Closes itself and raises OperationalError when one answer takes longer than `patience` seconds, and
    when the server has closed it because its transaction stood still for too long.

    No patience (0.0) waits for ever. What the server was doing is then unknown: it may have
    committed. `execute` of the connection itself is how a pool asks for a sign of life.
    """

    patience = 0.0

    @classmethod
    def connect(  # type: ignore[override]
        cls, conninfo: str = "", *, patience: float = 0.0, **parameters: Any
    ) -> Self:
        """As psycopg's, with `patience` in seconds; connecting itself is bounded by `connect_timeout`."""
        connection = super().connect(conninfo, **parameters)
        connection.patience = patience
        return connection

    def execute(self, *arguments: Any, **options: Any) -> psycopg.Cursor[Any]:
        patience, self.patience = self.patience, min(self.patience or PROOF_SECONDS, PROOF_SECONDS)
        try:
            return super().execute(*arguments, **options)
        finally:
            self.patience = patience

    def wait(self, gen: PQGen[Any], interval: float = INTERVAL, timeout: float | None = None) -> Any:
        bound = timeout if timeout is not None or not self.patience else self.patience
        try:
            return super().wait(gen, interval, bound)
        except psycopg.OperationalError as error:
            if timeout is None and self.patience:
                _raise_if_silent(self, error)
            raise
        except ENDED as error:
            raise psycopg.OperationalError(f"The database has ended the connection: {error}") from error


def _raise_if_silent(connection: PatientConnection, error: psycopg.OperationalError) -> None:
    """Close a connection on which an answer is still outstanding: it can never be used again."""
    if connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
        seconds = connection.patience
        connection.pgconn.finish()
        raise psycopg.OperationalError(f"The database did not answer within {seconds:g} s.") from error


# psycopg as Django's backend wants it, for connections outside a pool.
PATIENT_PSYCOPG = SimpleNamespace(**{**vars(psycopg), "connect": PatientConnection.connect})
