"""Whether a PostgreSQL that somebody started by hand works in a data folder."""

import os
import subprocess
from pathlib import Path

from approvals_site.pg_embedded.errors import EmbeddedPostgresError


def runs_in(data: Path) -> bool:
    """Whether the process that `postmaster.pid` names is a PostgreSQL of this folder.

    The number may belong to any other process by now, so it proves nothing by itself.
    """
    pid = _noted_pid(data)
    if pid is None or "postgres" not in _command(pid):
        return False
    if Path("/proc/self/cwd").exists():
        return _works_in(pid, data)
    return str(data) in _command(pid)


def _noted_pid(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _works_in(pid: int, data: Path) -> bool:
    """PostgreSQL changes into its data folder, and no other process does."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == data
    except FileNotFoundError:
        return False
    except PermissionError as error:
        message = f"Process {pid}, a PostgreSQL of another user, may be using {data}: stop it first."
        raise EmbeddedPostgresError(message) from error


def _command(pid: int) -> str:
    """The command line of a process; empty when there is none. Slim containers have no ps."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return ""
    listing = ["ps", "-o", "args=", "-p", str(pid)]
    return subprocess.run(listing, capture_output=True, text=True, check=False).stdout
