"""One PostgreSQL cluster on disk: made, started, stopped. Callers hold start.lock."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from approvals_site.pg_embedded import locks, processes
from approvals_site.pg_embedded.errors import EmbeddedPostgresError
from approvals_site.pg_embedded.place import Place

SUPERUSER = "postgres"
PORT = 5432  # only part of the socket's name: the server listens on no network
LARGEST_LOG = 5_000_000
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "huge_pages": "off",
}
INITDB = [
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
]


@dataclass(frozen=True)
class Cluster:
    """`settings` go over SETTINGS; `dbname` is made with the cluster."""

    place: Place
    dbname: str
    settings: Mapping[str, str]

    @property
    def lock(self) -> Path:
        return self.place.base / "server.lock"

    @property
    def connection(self) -> dict[str, Any]:
        """libpq's parameters, without a database."""
        return {"host": str(self.place.sockets), "port": PORT, "user": SUPERUSER}

    def is_down(self) -> bool:
        """Whether no process of the server is left, not even one that is still ending."""
        return locks.is_free(self.lock)

    def start(self) -> None:
        """Start the server, made first when it is missing; to be called when it is down."""
        if not (self.place.data / "PG_VERSION").exists():
            self._initdb()
        if not processes.runs_in(self.place.data):  # started by hand, without our lock
            self._start_server()
        self._create_database()

    def stop(self) -> None:
        """End the server now; open transactions are rolled back."""
        if not self.is_down():
            self._run("pg_ctl", "stop", "-D", self.place.data, "-m", "fast", "-w", "-t", "30")

    def _start_server(self) -> None:
        for stale in (self.place.data / "postmaster.pid", *self.place.sockets.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        self._prepare_log()
        with locks.exclusive(self.lock) as descriptor:  # the postmaster keeps a copy of it
            command = ["start", "-D", self.place.data, "-w", "-t", "120", "-s", "-l", self.place.log]
            self._run("pg_ctl", *command, "-o", self._flags(), keep=descriptor)

    def _flags(self) -> str:
        quoted_folder = '"' + str(self.place.sockets).replace('"', '""') + '"'
        wanted = SETTINGS | {"unix_socket_directories": quoted_folder} | dict(self.settings)
        return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in wanted.items())

    def _prepare_log(self) -> None:
        log = self.place.log
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        log.touch()
        self.place.account.give(log)

    def _initdb(self) -> None:
        draft = self.place.base / f".{self.place.data.name}.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.place.account.give(draft)
        no_sync = ["--no-sync"] if self.settings.get("fsync") == "off" else []
        self._run("initdb", "-D", draft, "-U", SUPERUSER, *INITDB, *no_sync)
        draft.rename(self.place.data)  # an interrupted initdb leaves only the draft

    def _create_database(self) -> None:
        with psycopg.connect(**self.connection, dbname="postgres", autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if not connection.execute(query, [self.dbname]).fetchone():
                name = sql.Identifier(self.dbname)
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def _run(self, program: str, *arguments: object, keep: int | None = None) -> None:
        """Run one of PostgreSQL's programs; `keep` is a descriptor that it and the server inherit."""
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        done = subprocess.run(
            [self.place.programs / program, *map(str, arguments)],
            cwd="/",
            env=surroundings | {"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            pass_fds=() if keep is None else (keep,),
            start_new_session=True,  # Ctrl-C is for us; a half-made cluster would be the result
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            **self.place.account.process_options,
        )
        if done.returncode:
            raise EmbeddedPostgresError(f"{program} failed: {done.stderr.strip()}\n{self._end_of_log()}")

    def _end_of_log(self) -> str:
        if not self.place.log.exists():
            return ""
        return "\n".join(self.place.log.read_text(errors="replace").splitlines()[-15:])
