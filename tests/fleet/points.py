"""The crash points of chunks on a fleet, by the process that passes them."""

SENDING = ("fleet.taken", "fleet.sent")
ON_CELERY = ("fleet.delivered", "fleet.claimed", "fleet.ran", "fleet.written", "fleet.brought")
