"""Where one embedded server lives: its folders, its programs, its account.

As root the checkout may lie in a folder (say /root, 0700) that the unprivileged account
cannot enter. The permissions of such folders are left alone: what the server needs then
lives in /var/lib/approvals.
"""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from approvals_site.pg_embedded import binaries, locks
from approvals_site.pg_embedded.account import Account, choose, clusters_in
from approvals_site.pg_embedded.errors import EmbeddedPostgresError

REACHABLE_HOME = Path("/var/lib/approvals")
LONGEST_SOCKET_PATH = 100  # sun_path holds 104 bytes on macOS, 108 on Linux
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Place:
    """`base` holds locks and log, `data` the cluster, named by its major version."""

    base: Path
    data: Path
    sockets: Path
    programs: Path
    account: Account

    @property
    def log(self) -> Path:
        return self.base / "server.log"


def settle(wanted: Path) -> Place:
    """Choose and make the folders for a server whose data should be below `wanted`."""
    base = wanted.resolve()
    base.mkdir(parents=True, exist_ok=True)
    account = choose(base)
    if not account.can_reach(base):
        base = REACHABLE_HOME / _digest(base)
        base.mkdir(parents=True, exist_ok=True)
        account = choose(base)
    programs = _reachable_programs(binaries.find(), account)
    data = base / binaries.major_version(programs)
    _refuse_other_version(data)
    return Place(base, data, _socket_folder(base, account), programs, account)


def _reachable_programs(folder: Path, account: Account) -> Path:
    """The folder itself, or a copy of the installation that the account can enter."""
    if account.can_reach(folder / "postgres"):
        return folder
    install = folder.parent
    copy = REACHABLE_HOME / f"postgres-{_digest(folder)}"
    REACHABLE_HOME.mkdir(parents=True, exist_ok=True)
    with locks.exclusive(REACHABLE_HOME / "copy.lock"):
        if not (copy / "complete").exists():
            _copy_installation(install, copy)
    return copy / install.name / folder.name


def _copy_installation(install: Path, copy: Path) -> None:
    shutil.rmtree(copy, ignore_errors=True)
    unneeded = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(install, copy / install.name, symlinks=True, ignore=unneeded)
    libraries = install.parent.with_name(install.parent.name + ".libs")
    if libraries.is_dir():  # bundled beside the package, found by a path relative to the programs
        shutil.copytree(libraries, copy.parent / libraries.name, dirs_exist_ok=True, symlinks=True)
    (copy / "complete").touch()


def _refuse_other_version(data: Path) -> None:
    others = sorted(path.name for path in clusters_in(data.parent) if path != data)
    if others and not data.exists():
        raise EmbeddedPostgresError(
            f"{data.parent} holds a database of PostgreSQL {', '.join(others)}, and these programs are of "
            f"version {data.name}: dump it with the old ones and load it with these, or set DATABASE_URL."
        )


def _socket_folder(base: Path, account: Account) -> Path:
    """A folder that only we and the server can enter; libpq takes a comma for a list of hosts."""
    folder = base / "run"
    if len(str(folder / SOCKET_NAME)) > LONGEST_SOCKET_PATH or "," in str(folder):
        owner = base.stat().st_uid
        folder = Path(tempfile.gettempdir()) / f"approvals-{owner}-{_digest(base)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), account.uid):
        raise EmbeddedPostgresError(f"{folder} belongs to somebody else: remove it, or set DATABASE_URL.")
    account.give(folder)
    return folder


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]
