"""People, and the running site, for every test."""

import pytest
from django.contrib.auth.models import User

from approvals_site import people

PASSWORD = "correct-horse-battery"


@pytest.fixture
def rita(db) -> User:
    """The one who asks: in no group."""
    return people.create(people.RITA, PASSWORD)


@pytest.fixture
def fiona(db) -> User:
    """A reviewer, of the group Finance."""
    return people.create(people.FIONA, PASSWORD)


@pytest.fixture
def leo(db) -> User:
    """A reviewer of another group, Legal."""
    return people.create(people.LEO, PASSWORD)


@pytest.fixture
def admin(db) -> User:
    return people.create(people.ADMIN, PASSWORD)


@pytest.fixture
def stranger(db) -> User:
    """Signed in, but in no group and with no right."""
    return people.create(people.Person("sam", "Sam", "stranger"), PASSWORD)


@pytest.fixture
def owner(rita: User) -> User:
    return rita


@pytest.fixture
def reviewer(fiona: User) -> User:
    return fiona
