"""The WSGI application: pages without live updates, for `manage.py runserver`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "approvals_site.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402

from approvals_site.database import for_pages  # noqa: E402

for_pages(settings.DATABASES["default"])
