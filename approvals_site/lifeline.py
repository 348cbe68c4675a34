"""End this process when the supervisor that started it is gone, even after `kill -9`.

The supervisor keeps the writing end of a pipe and hands the reading end down by number in
`VARIABLE`. The kernel closes the writing end with the supervisor, however it ended.
"""

import os
import signal
import threading
import time

VARIABLE = "APPROVALS_LIFELINE"
LONGEST_GRACE_SECONDS = 120


def hold() -> None:
    """Watch the pipe named in the environment, if there is one."""
    number = os.environ.pop(VARIABLE, "")
    if number:
        os.set_inheritable(int(number), False)
        threading.Thread(target=_leave_with_parent, args=[int(number)], daemon=True, name="lifeline").start()


def _leave_with_parent(pipe: int) -> None:
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LONGEST_GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
