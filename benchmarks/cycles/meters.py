"""What PostgreSQL and the processes have used so far."""

from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

WRITTEN = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
COMMITTED = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s"


@dataclass(frozen=True)
class Server:
    """The one PostgreSQL of a run; `control` is a connection in autocommit, to a database of its own."""

    control: psycopg.Connection
    process: psutil.Process
    host: str

    def dsn(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.host}&port=5432"

    def cpu_seconds(self) -> float:
        """Of all its processes, those that have ended included."""
        own = self.process.cpu_times()
        ended = own.children_user + own.children_system
        return own.user + own.system + ended + cpu_seconds(self.process.children())

    def wal_bytes(self) -> int:
        return int(self._value(WRITTEN))

    def transactions(self, database: str) -> int:
        """Exact only when the other connections to that database are closed."""
        return int(self._value(COMMITTED, database))

    def checkpoint(self) -> None:
        """Every contender's round begins right after one, so that all write their first page images."""
        self.control.execute("CHECKPOINT")

    def create(self, database: str) -> None:
        self.control.execute(f'CREATE DATABASE "{database}"')

    def _value(self, query: str, *arguments: object) -> int:
        row = self.control.execute(query, arguments).fetchone()
        assert row is not None
        return int(row[0])


def server(place: dict[str, object], data: Path) -> Server:
    """The server with those connection parameters, whose cluster lies in `data`."""
    control = psycopg.connect(**place, dbname="postgres", autocommit=True)  # type: ignore[arg-type]
    pid = int((data / "postmaster.pid").read_text().split()[0])
    return Server(control, psutil.Process(pid), str(place["host"]))


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """User and system time of those that still live."""
    used = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        used += times.user + times.system
    return used
