"""Django's description of the database, from DATABASE_URL or for the embedded PostgreSQL."""

from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo

from approvals_site.environment import Environment
from flows.store.patient import PatientConnection

# A server that vanished without a word is noticed within half a minute.
CONNECTION_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "approvals",
    "prepare_threshold": 3,  # of flows.store.connection.prepared; at once would slow new connections down
}
# And the server notices a client that did, so that its locks do not stay.
SESSION: dict[str, Any] = {
    "tcp_keepalives_idle": 20,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
# Pages: whoever waits longer gets a 503 and tries again. In milliseconds, as PostgreSQL reads them.
PAGE_SESSION: dict[str, Any] = {
    "statement_timeout": 10_000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 10_000,
}
PAGE_PATIENCE_SECONDS = 12.0  # longer than the statement_timeout: the server's own word comes first
PAGE_POOL = {"timeout": 5, "max_waiting": 200}  # beyond either, a 503
# Left alone, the pool would double its pauses up to a minute while the database is away.
POOL: dict[str, Any] = {
    "min_size": 1,
    "max_size": 20,
    "timeout": 10,
    "max_idle": 300,
    "reconnect_timeout": 2,
    "connection_class": PatientConnection,
}
NAMES = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}


def describe(env: Environment, *, directory: Path) -> dict[str, Any]:
    """The `DATABASES["default"]` of this process; the embedded server keeps its data in `directory`."""
    url = env.text("DATABASE_URL")
    if not url:
        return embedded(directory)
    parts = _parse(url)
    if parts is None:
        env.problem(
            "approvals.E001",
            "DATABASE_URL is not the address of a PostgreSQL database.",
            "Write postgresql://user:password@host:5432/name, or unset it to use the embedded PostgreSQL.",
        )
        return {"ENGINE": "django.db.backends.dummy"}
    return external(parts)


def embedded(directory: Path) -> dict[str, Any]:
    """The PostgreSQL that this app starts by itself on its first connection."""
    return _common() | {
        "ENGINE": "approvals_site.pg_embedded",
        "NAME": "approvals",
        "EMBEDDED_DIR": str(directory),
        "EMBEDDED_UNSAFE": False,
    }


def external(parts: dict[str, str]) -> dict[str, Any]:
    """A PostgreSQL that somebody else runs; `parts` are libpq's connection parameters."""
    described = _common() | {"ENGINE": "django.db.backends.postgresql"}
    for name, key in NAMES.items():
        described[key] = parts.pop(name, "")
    own = parts.pop("options", "")
    described["OPTIONS"] |= parts
    described["OPTIONS"]["options"] += f" {own}" if own else ""  # the later word counts
    return described


def for_pages(described: dict[str, Any]) -> None:
    """Bound every wait on the connections of this process, which answers requests.

    Commands and chunks keep the long statements that they may have; workers bound their own.
    """
    options = described.get("OPTIONS", {})
    if "pool" in options:
        options["options"] = f"{session(PAGE_SESSION)} {options['options']}"
        options["patience"] = PAGE_PATIENCE_SECONDS
        options["pool"] |= PAGE_POOL


def session(settings: dict[str, Any]) -> str:
    """Settings of a PostgreSQL session as libpq's `options`."""
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _common() -> dict[str, Any]:
    options = CONNECTION_OPTIONS | {"options": session(SESSION), "pool": dict(POOL)}
    return {"CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def _parse(url: str) -> dict[str, str] | None:
    """libpq's view of `url`; None when it is no URL of a named database (its errors repeat the password)."""
    if not url.startswith(("postgresql://", "postgres://")):
        return None
    try:
        parts = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError:
        return None
    named = parts.get("dbname") or parts.get("service")
    ports = parts.get("port", "5432").split(",")  # libpq looks at them only when it connects
    return parts if named and all(port.isdecimal() for port in ports) else None
