"""Who is asking, as the database has it now."""

from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext

from flows.services.errors import NotAllowed
from flows.store import rows


def present(by: Any) -> User | None:
    """The person `by` with the rights they have at this moment; None when code acts.

    Raises NotAllowed for somebody who is not signed in, or whose account is gone or closed.
    """
    if by is None:
        return None
    user = rows.by_key(User, by.pk) if by.pk else None
    if user is None or not user.is_active:
        raise NotAllowed(gettext("Only people with an active account may do this. Sign in first."))
    return user


def name_of(user: User | None) -> str:
    """How a person is called in a sentence; code without a person is "the program"."""
    return gettext("the program") if user is None else user.get_full_name() or user.get_username()
