"""For the author's Celery app, whose `autodiscover_tasks()` finds this module. Nothing else imports it."""

from celery import shared_task

from flows.worker.fleet.broker import TASK
from flows.worker.fleet.runner import run_chunk

run = shared_task(name=TASK, ignore_result=True)(run_chunk)
