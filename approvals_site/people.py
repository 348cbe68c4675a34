"""The people of a fresh installation, to try it with; the test suite uses the same ones."""

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

RESPOND = {"content_type__app_label": "flows", "codename": "respond_interrupt"}


@dataclass(frozen=True)
class Person:
    """Somebody to sign in as, and what they are there to show."""

    username: str
    first_name: str
    role: str
    group: str = ""
    superuser: bool = False


ADMIN = Person("admin", "Ada", "administrator", superuser=True)
FIONA = Person("fiona", "Fiona", "reviewer, Finance", group="Finance")
LEO = Person("leo", "Leo", "reviewer, Legal", group="Legal")
RITA = Person("rita", "Rita", "requester")
DEMO_PEOPLE = (RITA, FIONA, LEO, ADMIN)


def create_missing() -> dict[Person, str]:
    """Add the demo people who are not there yet; gives their passwords."""
    with transaction.atomic():
        present = set(User.objects.values_list("username", flat=True))
        made = {person: new_password() for person in DEMO_PEOPLE if person.username not in present}
        for person, password in made.items():
            create(person, password)
    return made


def reset_passwords() -> dict[Person, str]:
    """New passwords for the demo people who are there."""
    with transaction.atomic():
        users = {user.username: user for user in User.objects.all()}
        passwords = {person: new_password() for person in DEMO_PEOPLE if person.username in users}
        for person, password in passwords.items():
            user = users[person.username]
            user.set_password(password)
            user.save(update_fields=["password"])
    return passwords


def create(person: Person, password: str) -> User:
    """The new user, in their group; a new group may answer interrupts."""
    add = User.objects.create_superuser if person.superuser else User.objects.create_user
    user = add(person.username, f"{person.username}@example.com", password, first_name=person.first_name)
    if person.group:
        user.groups.add(reviewers(person.group))
    return user


def reviewers(name: str) -> Group:
    """The group of that name, made with the right to answer interrupts when it is missing."""
    group, made = Group.objects.get_or_create(name=name)
    if made:
        group.permissions.add(Permission.objects.get(**RESPOND))
    return group


def new_password() -> str:
    """Four short groups, easy to copy by hand: about 80 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
