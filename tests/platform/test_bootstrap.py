"""`python3 approvals_site/bootstrap.py COMMAND...` on a machine with nothing but Python."""

import ast
import os
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

SCRIPT = settings.BASE_DIR / "approvals_site" / "bootstrap.py"
WHERE = ["-c", "import sys; print(sys.prefix)"]
PRETEND_OLD = (
    "import runpy, sys; sys.version_info = (3, 10, 13); runpy.run_path(sys.argv[1], run_name='__main__')"
)


@pytest.fixture
def checkout(tmp_path):
    """As much of a clone as the script looks at, with nothing to install."""
    (tmp_path / "approvals_site").mkdir()
    shutil.copy(SCRIPT, tmp_path / "approvals_site")
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def begin(checkout, *arguments, **env):
    command = [sys._base_executable, "approvals_site/bootstrap.py", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=checkout, env=os.environ | env, **pipes)


def bootstrap(checkout, *arguments, **env):
    process = begin(checkout, *arguments, **env)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def test_the_command_runs_in_an_environment_made_for_it(checkout):
    assert bootstrap(checkout, *WHERE)[:2] == (0, f"{checkout}/.venv\n")


def test_a_second_call_installs_nothing(checkout):
    assert "Installing" in bootstrap(checkout, *WHERE)[2]
    assert bootstrap(checkout, *WHERE) == (0, f"{checkout}/.venv\n", "")


def test_changed_requirements_are_installed(checkout):
    bootstrap(checkout, *WHERE)
    (checkout / "requirements.txt").write_text("# something else\n")
    assert "Installing" in bootstrap(checkout, *WHERE)[2]


def test_two_at_once_install_once(checkout):
    both = [begin(checkout, *WHERE) for _ in range(2)]
    results = [process.communicate(timeout=120) for process in both]
    assert {output for output, _ in results} == {f"{checkout}/.venv\n"}
    assert sum("Installing" in errors for _, errors in results) == 1


def test_a_failed_installation_is_said_and_done_again(checkout):
    bootstrap(checkout, *WHERE)
    nowhere = f"no-such-package==1 --hash=sha256:{'0' * 64}\n"
    (checkout / "requirements.txt").write_text(nowhere)
    status, output, errors = bootstrap(checkout, *WHERE, PIP_NO_INDEX="1")
    assert (status, output) == (1, "")
    assert "Could not install" in errors
    (checkout / "requirements.txt").write_text("# nothing\n")
    assert bootstrap(checkout, *WHERE)[0] == 0


def test_what_an_interrupted_installation_left_is_thrown_away(checkout):
    bootstrap(checkout, *WHERE)
    half_written = checkout / ".venv" / "bin" / "uv"
    half_written.write_text("half")
    (checkout / ".venv" / "installing").touch()  # there while an installation runs
    (checkout / ".venv" / "installed").unlink()
    assert bootstrap(checkout, *WHERE)[0] == 0
    assert not half_written.exists()


def test_an_environment_made_by_hand_is_kept(checkout):
    subprocess.run([sys._base_executable, "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    own = checkout / ".venv" / "own"
    own.touch()
    assert bootstrap(checkout, *WHERE)[0] == 0
    assert own.exists()


def test_an_old_python_is_told_what_is_needed(checkout):
    command = [sys.executable, "-c", PRETEND_OLD, str(checkout / "approvals_site" / "bootstrap.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11 or newer is needed, and this python3 is 3.10.13.")
    assert not (checkout / ".venv").exists()


def test_an_old_python_can_read_the_script():
    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))
