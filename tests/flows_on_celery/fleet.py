"""A Celery app as an author has it; the broker is told by CELERY_BROKER_URL."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "approvals_site.settings_test")

app = Celery("fleet")
app.conf.broker_connection_retry_on_startup = True
app.autodiscover_tasks()

if milliseconds := os.environ.get("STALLED_MS"):  # what a stopped process has locked is free after this
    from django.conf import settings

    options = settings.DATABASES["default"]["OPTIONS"]
    options["options"] = f"-c idle_in_transaction_session_timeout={milliseconds} {options.get('options', '')}"
