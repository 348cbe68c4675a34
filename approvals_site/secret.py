"""The signing key of an installation that was not given one."""

import os
import secrets
from pathlib import Path


def stored_key(path: Path) -> str:
    """The key in `path`, made once (readable by its owner only) however many processes ask at once."""
    if not path.exists():
        _create(path)
    return path.read_text().strip()


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(64))
    try:
        os.link(draft, path)  # unlike a rename, does not replace the key of whoever was first
    except FileExistsError:
        pass
    finally:
        draft.unlink()
