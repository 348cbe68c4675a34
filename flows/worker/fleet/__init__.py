"""Chunks that run on Celery workers: `sender` sends them from a flows worker, `runner` runs them there."""
