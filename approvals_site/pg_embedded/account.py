"""The unprivileged account that PostgreSQL runs under when we are root, which it refuses to be."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from approvals_site.pg_embedded.errors import EmbeddedPostgresError


@dataclass(frozen=True)
class Account:
    """Whom the server runs as: ourselves when `uid` is None."""

    uid: int | None = None
    gid: int | None = None

    @property
    def process_options(self) -> dict[str, Any]:
        """For subprocess.run()."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_reach(self, path: Path) -> bool:
        """Whether the account may pass through every folder above `path`, and through it."""
        probe = ["test", "-x", str(path)]
        return subprocess.run(probe, cwd="/", check=False, **self.process_options).returncode == 0

    def give(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def choose(base: Path) -> Account:
    """Ourselves; as root the owner of the data that is in `base` already, else postgres, else nobody."""
    if os.geteuid() != 0:
        return Account()
    return _owner_of_data(base) or _existing("postgres") or _existing("nobody") or _refuse()


def clusters_in(base: Path) -> list[Path]:
    """The finished data folders, each named by its major version."""
    return [path.parent for path in base.glob("[0-9]*/PG_VERSION")]


def _owner_of_data(base: Path) -> Account | None:
    for cluster in clusters_in(base):
        owner = cluster.stat()
        if owner.st_uid:
            return Account(owner.st_uid, owner.st_gid)
    return None


def _existing(name: str) -> Account | None:
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(user.pw_uid, user.pw_gid)


def _refuse() -> Account:
    raise EmbeddedPostgresError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as: "
        "start the site as another user, or set DATABASE_URL."
    )
