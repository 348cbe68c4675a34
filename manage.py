#!/usr/bin/env python
"""The command line of this site: `manage.py help` lists what it can do."""

import os
import sys

from approvals_site import lifeline


def main() -> None:
    lifeline.hold()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "approvals_site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
