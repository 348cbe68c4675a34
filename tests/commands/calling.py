"""Calling commands as a shell does: an exit code, and what was printed."""

import io
import json

from django.core.management import call_command


def called(*arguments, stderr=None) -> tuple[int, str]:
    """The exit code, and what was printed."""
    out, code = io.StringIO(), 0
    try:
        call_command(*arguments, stdout=out, stderr=stderr or io.StringIO())
    except SystemExit as exit:
        code = exit.code
    return code, out.getvalue()


def parsed(*arguments):
    """The exit code, and the JSON that was printed."""
    code, printed = called(*arguments, "--json")
    return code, json.loads(printed)
