"""python3 bootstrap.py COMMAND...: run COMMAND in .venv, made or brought up to date first.

Only the standard library. uv does the work when it can be had (seconds instead of half a
minute on a cold cache); it does not read pip's configuration, so where packages come from
an index set up for pip, pip does it.

This file has to load on an old Python 3 as well, to be able to say that it is too old.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import typing

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements.txt"
STAMP = VENV / "installed"
UNFINISHED = VENV / "installing"
OLDEST = (3, 11)


def main() -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            "Python 3.11 or newer is needed, and this python3 is {}. Install a newer one, or name it: "
            "make run PYTHON=python3.12".format(".".join(map(str, sys.version_info[:3])))
        )
    with locked(ROOT / ".bootstrap.lock"):
        if not up_to_date():
            print("Installing into .venv ...", file=sys.stderr, flush=True)
            install()
    os.chdir(str(ROOT))
    os.execv(str(PYTHON), [str(PYTHON), *sys.argv[1:]])


@contextlib.contextmanager
def locked(path: pathlib.Path) -> "typing.Iterator[None]":
    """Only one process at a time, however the others end: what they started counts as well."""
    with open(str(path), "w") as lock:
        os.set_inheritable(lock.fileno(), True)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def up_to_date() -> bool:
    return STAMP.exists() and STAMP.read_text() == wanted() and PYTHON.exists()


def wanted() -> str:
    """What .venv should hold, in short: this interpreter and these requirements."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update(sys.base_prefix.encode())
    digest.update(REQUIREMENTS.read_bytes())
    return digest.hexdigest()


def install() -> None:
    make_venv()
    UNFINISHED.touch()
    with contextlib.suppress(FileNotFoundError):
        STAMP.unlink()
    pip = [*find_pip(), "install", "--quiet", "--disable-pip-version-check"]
    done = not has_own_index(pip) and install_with_uv(pip)
    if not done and not run(*pip, "--require-hashes", "-r", REQUIREMENTS):
        sys.exit("Could not install the packages of requirements.txt; pip says why above.")
    STAMP.write_text(wanted())
    UNFINISHED.unlink()


def make_venv() -> None:
    """Anew, unless there is one of this Python in which no installation was interrupted."""
    if is_made_by_this_python() and not UNFINISHED.exists():
        return
    if not run(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV):
        sys.exit(f"Could not make .venv with {sys.executable}.")


def is_made_by_this_python() -> bool:
    try:
        lines = (VENV / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        return False
    here = os.path.dirname(getattr(sys, "_base_executable", sys.executable))
    version = ".".join(map(str, sys.version_info[:3]))
    return PYTHON.exists() and "home = " + here in lines and "version = " + version in lines


def find_pip() -> "list[str]":
    """A pip that installs into .venv: this python's own, or the one that ensurepip brings."""
    own = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    inside = [str(PYTHON), "-m", "pip"]
    if run(*own, "--version", quiet=True):
        return own
    if run(*inside, "--version", quiet=True) or run(str(PYTHON), "-m", "ensurepip", quiet=True):
        return inside
    sys.exit("This python3 has neither pip nor ensurepip (on Debian: apt install python3-pip).")


def has_own_index(pip: "list[str]") -> bool:
    """Whether pip was told, by file or environment, to take packages from elsewhere."""
    command = [*pip[: pip.index("install")], "config", "list"]
    listing = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return re.search(r"\.(index-url|no-index)=", listing) is not None


def install_with_uv(pip: "list[str]") -> bool:
    uv, pinned = VENV / "bin" / "uv", requirement("uv")
    if not pinned:
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(pinned)
        file.flush()
        if not run(*pip, "--require-hashes", "-r", file.name, quiet=True):
            return False
    command = [uv, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", REQUIREMENTS]
    return run(*command, UV_PYTHON_DOWNLOADS="never")


def requirement(name: str) -> str:
    """That one pinned requirement of requirements.txt, with its hashes."""
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*\n", REQUIREMENTS.read_text(), re.MULTILINE)
    return found.group() if found else ""


def run(*command: object, quiet: bool = False, **env: str) -> bool:
    out = subprocess.DEVNULL if quiet else None
    words = [str(word) for word in command]
    done = subprocess.run(words, env=dict(os.environ, **env), stdout=out, stderr=out, close_fds=False)
    return done.returncode == 0


if __name__ == "__main__":
    main()
