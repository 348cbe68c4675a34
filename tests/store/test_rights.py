"""The one query for a person's tokens says what Django's own rules say."""

import pytest
from django.contrib.auth.models import Group, Permission, User

from flows.models.interrupt import audience_tokens
from flows.store.rights import tokens_of

pytestmark = pytest.mark.django_db


def both(user: User) -> set[str]:
    fresh = User.objects.get(pk=user.pk)
    assert set(tokens_of(fresh)) == set(audience_tokens(fresh))
    return set(tokens_of(fresh))


def test_tokens_are_those_of_the_permissions_of_this_moment(fiona: User, leo: User, stranger: User) -> None:
    may = Permission.objects.get(codename="respond_interrupt")
    assert both(stranger) == {"u:sam"}
    stranger.user_permissions.add(may)
    assert both(stranger) == {"u:sam", "*"}
    stranger.user_permissions.clear()
    group = Group.objects.create(name="Night shift")
    stranger.groups.add(group)
    assert both(stranger) == {"u:sam", "g:Night shift"}
    group.permissions.add(may)
    assert both(stranger) == {"u:sam", "g:Night shift", "*"}
    stranger.groups.clear()
    assert both(stranger) == {"u:sam"}
    assert "g:Finance" in both(fiona)
    assert both(leo)


def test_other_backends_are_asked_themselves(stranger: User, settings) -> None:
    settings.AUTHENTICATION_BACKENDS = ["tests.store.test_rights.Generous"]
    assert set(tokens_of(User.objects.get(pk=stranger.pk))) == {"u:sam", "*"}


class Generous:
    def has_perm(self, user: User, permission: str, obj: object = None) -> bool:
        return permission == "flows.respond_interrupt"
