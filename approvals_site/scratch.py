"""A database for one run of a script, gone with it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VAR = Path(__file__).resolve().parent.parent / "var"


@contextmanager
def scratch(name: str) -> Iterator[None]:
    """Let the settings, imported inside, use a var folder of this run's own.

    It lies below `var/`, which the account of the embedded PostgreSQL can enter; temporary folders
    made by root it cannot. At the end the server is stopped and the folder removed, so all other
    processes that use it must have ended by then.
    """
    folder = VAR / f"{name}-{os.getpid()}"
    folder.mkdir(parents=True)
    os.environ["APPROVALS_VAR_DIR"] = str(folder)
    try:
        yield
    finally:
        from django.db import connections

        from approvals_site.pg_embedded import base

        connections.close_all()
        base.release()
        shutil.rmtree(folder, ignore_errors=True)
