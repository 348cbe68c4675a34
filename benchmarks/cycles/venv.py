"""The virtual environment of the others, made from requirements.txt when it is first needed."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIREMENTS = ROOT / "benchmarks" / "requirements.txt"
FOLDER = ROOT / "var" / "benchmarks-venv"
PYTHON = FOLDER / "bin" / "python"
STAMP = FOLDER / "installed"


def python() -> Path:
    """The interpreter that has LangGraph and DBOS; raises CalledProcessError when pip cannot get them."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not STAMP.exists() or STAMP.read_text() != wanted:
        print("Installing into var/benchmarks-venv ...", file=sys.stderr, flush=True)
        venv.create(FOLDER, with_pip=True, clear=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "-qqq", "-r", REQUIREMENTS], check=True)
        STAMP.write_text(wanted)
    return PYTHON
