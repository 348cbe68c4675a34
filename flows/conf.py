"""FLOWS_* settings: each one's default and unit. The only place that knows their names."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings


@dataclass(frozen=True)
class Setting:
    """One FLOWS_* setting: `default`, and `low`, the smallest value that makes sense."""

    default: float
    low: float
    unit: str


SETTINGS = {
    "FLOWS_LEASE_SECONDS": Setting(30.0, 0.5, "seconds a worker may be silent before others take over"),
    "FLOWS_POLL_SECONDS": Setting(1.0, 0.01, "seconds between looks for work when no hint arrives"),
    "FLOWS_GRACE_SECONDS": Setting(10.0, 0.0, "seconds that running chunks get to finish on SIGTERM"),
    "FLOWS_MAX_CLAIMS": Setting(5, 1, "claims without progress before an execution is set aside as failed"),
    "FLOWS_CONCURRENCY": Setting(16, 1, "chunks that one worker runs at once"),
    "FLOWS_UNDO_SECONDS": Setting(
        5.0, 0.0, "seconds in which an answer given in the browser can be taken back"
    ),
    "FLOWS_RESEND_SECONDS": Setting(
        60.0, 0.1, "seconds until a chunk that no Celery worker has begun is sent once more"
    ),
}


OTHERS: dict[str, Any] = {
    "FLOWS_CRASH": "",  # orders to flows.store.crash; never set where people work
    "FLOWS_BASE_URL": "",  # where this site is reached, for the addresses that it gives away
    "FLOWS_QUEUES": None,  # a list of the queues that a worker serves; None: all
}


def get(name: str) -> Any:
    """The setting's value in its own unit; KeyError for a name that is unknown here."""
    return getattr(settings, name, SETTINGS[name].default if name in SETTINGS else OTHERS[name])


def celery_app() -> str:
    """FLOWS_CELERY_APP, where chunks with run_on="celery" are sent: "myproject.celery:app"; "" when unset."""
    return str(getattr(settings, "FLOWS_CELERY_APP", "") or "")
