"""When somebody's rights or sessions change, their open sockets are opened again, with what they may see now.

Changes made past the ORM's signals are seen when the socket is renewed anyway.
"""

from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import m2m_changed, post_delete, post_save

from flows.live import hints

RIGHTS = "rights"  # "rights:<id of a user>"
EVERYBODY = f"{RIGHTS}:*"


def topics_of(user: Any) -> set[str]:
    """What a socket of `user` follows to hear of changed rights."""
    return {f"{RIGHTS}:{user.pk}", EVERYBODY}


def watch() -> None:
    """Connect the signals; once a process."""
    post_save.connect(_user_saved, sender=User, dispatch_uid="rights of a user")
    post_delete.connect(_user_gone, sender=User, dispatch_uid="rights of a deleted user")
    user_logged_out.connect(_signed_out, dispatch_uid="rights of a session")
    post_delete.connect(_all_changed, sender=Group, dispatch_uid="rights of a deleted group")
    post_save.connect(_all_changed, sender=Group, dispatch_uid="rights of a renamed group")
    m2m_changed.connect(_all_changed, sender=Group.permissions.through, dispatch_uid="rights of a group")
    for through in (User.groups.through, User.user_permissions.through):
        m2m_changed.connect(_belongings_changed, sender=through, dispatch_uid=f"rights by {through.__name__}")


def _user_saved(instance: User, created: bool, update_fields: Any = None, **signal: Any) -> None:
    if not created and (update_fields is None or set(update_fields) != {"last_login"}):
        _changed([instance.pk])


def _user_gone(instance: User, **signal: Any) -> None:
    _changed([instance.pk])


def _signed_out(user: Any, **signal: Any) -> None:
    if user is not None:
        _changed([user.pk])


def _belongings_changed(instance: Any, action: str, **signal: Any) -> None:
    if action.startswith("post_"):
        _changed([instance.pk] if isinstance(instance, User) else ["*"])


def _all_changed(action: str = "post_", **signal: Any) -> None:
    if action.startswith("post_"):
        _changed(["*"])


def _changed(ids: list[Any]) -> None:
    hints.after_commit({f"{RIGHTS}:{id}" for id in ids})
