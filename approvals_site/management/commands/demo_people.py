"""manage.py demo_people: people to try the site with, and their passwords."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from approvals_site import people

FORGOTTEN = "manage.py demo_people --reset gives them new ones"


class Command(BaseCommand):
    help = "Create the demo people who are missing and print their passwords, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="give all of them new passwords")

    def handle(self, *, reset: bool, **options: Any) -> None:
        passwords = people.create_missing()
        if reset:
            passwords = people.reset_passwords()
        if not passwords:
            self.stdout.write(f"All demo people are there. Passwords forgotten: {FORGOTTEN}.")
            return
        self.stdout.write(f"\nPeople to sign in as. Their passwords are shown only now ({FORGOTTEN}).\n\n")
        for person, password in passwords.items():
            self.stdout.write(f"    {person.username:<8}{password:<22}{person.role}")
        self.stdout.write("")
