"""Settings of the test suite: a PostgreSQL of its own, and a database of its own for every run."""

import os

from approvals_site import database
from approvals_site.settings import *  # noqa: F403
from approvals_site.settings import INSTALLED_APPS, VAR_DIR, env

SECRET_KEY = "only for tests, never for an installation that people can reach"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
CSRF_TRUSTED_ORIGINS = []
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

DATABASES = {"default": database.embedded(VAR_DIR / "test")}
DATABASES["default"]["EMBEDDED_UNSAFE"] = True  # no fsync: nothing here has to survive the machine
DATABASES["default"]["OPTIONS"].pop("pool")
# The processes that a test starts are told the database of the run; see tests/conftest.py.
DATABASES["default"]["NAME"] = env.text("APPROVALS_DB_NAME", "approvals")
DATABASES["default"]["TEST"] = {"NAME": f"test_{os.getpid()}"}

INSTALLED_APPS = [*INSTALLED_APPS, "tests.flows_for_tests"]
if env.flag("APPROVALS_TEST_FLEET"):  # importing Celery would slow down all other processes
    INSTALLED_APPS.append("tests.flows_on_celery")
if env.flag("APPROVALS_TEST_HOSTILE"):  # their names would stand in all other tests
    INSTALLED_APPS.append("tests.flows_hostile")
# A killed worker's executions go on elsewhere within this.
FLOWS_LEASE_SECONDS = env.seconds("FLOWS_LEASE_SECONDS", 2.0)
FLOWS_POLL_SECONDS = env.seconds("FLOWS_POLL_SECONDS", 0.2)
FLOWS_GRACE_SECONDS = env.seconds("FLOWS_GRACE_SECONDS", 1.0)
FLOWS_UNDO_SECONDS = env.seconds("FLOWS_UNDO_SECONDS", 0.0, or_none=True)  # tests of undo say how long
FLOWS_CELERY_APP = "tests.flows_on_celery.fleet:app"
FLOWS_RESEND_SECONDS = 1.0
