"""The WSGI application: pages without live updates, for `manage.py runserver`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "approvals_site.settings")
application = get_wsgi_application()
