"""Imported by the server that forks a Herd: everything a worker needs, and no connection."""

import django

django.setup()
