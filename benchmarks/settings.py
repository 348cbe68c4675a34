"""The site's settings, and the flow that is measured."""

from approvals_site.settings import *  # noqa: F403
from approvals_site.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks"]
