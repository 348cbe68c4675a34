"""The test settings on the database of DATABASE_URL, with pool and timeouts as in production."""

from approvals_site import database
from approvals_site.settings_test import *  # noqa: F403
from approvals_site.settings_test import VAR_DIR, env

DATABASES = {"default": database.describe(env, directory=VAR_DIR / "unused")}
