"""Takes the pictures in this folder, of the real site in a database of its own.

    .venv/bin/python docs/screenshots/make.py [NAME …]

Without names: all of them. Needs Chromium at /usr/bin/chromium.
"""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PORT = "8497"
BASE = f"http://localhost:{PORT}"
PASSWORD = "for-the-pictures-only"  # noqa: S105
NOTE = """They were billed for **55 seats** after a downgrade to 40.

| invoice | seats | billed |
|---|---|---|
| INV-20931 | 55 | €2,480 |
| INV-20940 | 40 | €1,240 |

> Policy 4.2: above €1,000 a person decides.
"""
REFUNDS = [
    ("Ilse Baum", 310, "Never arrived", ""),
    ("Nordwind Logistik", 88.4, "Damaged on arrival", "Two of ten crates were crushed, see ticket **4411**."),
    ("Lindqvist AB", 2150, "Changed their mind", ""),
    ("Meridian Foods", 1240, "Billed twice", NOTE),
]
MINUTES = (4, 11, 32, 64, 131)
BEFORE = ["execution.started", "interrupt.opened"]
CONTRACT = """Supply agreement

The supplier delivers within ten days. Payment is due on receipt.
The customer accepts unlimited liability for late payment.
This agreement renews automatically every year unless ended in writing.
Contact: ann@example.com
"""


def main(names: list[str]) -> None:
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    from approvals_site.scratch import scratch

    with scratch("pictures"):
        os.environ |= {"PORT": PORT, "APPROVALS_LOG_LEVEL": "ERROR", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "approvals_site.settings")
        places = fill()
        with running("web", "--port", PORT), running("flows_worker"):
            wait_for(lambda: urllib.request.urlopen(f"{BASE}/healthz"))  # noqa: S310
            take(story(places), names)


def fill() -> dict[str, object]:
    """The people, and what has been started; the worker does the rest."""
    import django

    django.setup()
    from django.core.management import call_command

    from approvals_site import people

    call_command("migrate", verbosity=0)
    return {person.username: people.create(person, PASSWORD) for person in people.DEMO_PEOPLE}


def story(users: dict[str, object]) -> dict[str, tuple[str, str]]:
    """Start flows and answer one; gives (person, address) for each picture."""
    from flows.models import Execution, Interrupt
    from flows.services import executions, interrupts

    rita = users["rita"]
    review = {"title": "Supply agreement with Baltic Freight", "document": CONTRACT}
    executions.start(flow="document_review", input=review, by=rita)
    for customer, amount, reason, note in REFUNDS:
        given = {"customer": customer, "amount": amount, "reason": reason} | ({"note": note} if note else {})
        executions.start(flow="refund", input=given, by=rita)
        time.sleep(0.3)
    wait_for(lambda: Interrupt.objects.filter(flow="refund").count() == len(REFUNDS) or 1 / 0)
    answered = Interrupt.objects.get(title__contains="Ilse Baum")
    answer = {"approved": True, "comment": "The carrier has confirmed the loss.", "data": {"amount": 310}}
    interrupts.decide(interrupt_id=answered.pk, answer=answer, by=users["fiona"], door="browser")
    ended = Execution.objects.filter(pk=answered.execution_id, status="completed")
    wait_for(lambda: ended.exists() or 1 / 0)
    grow_old()
    question = Interrupt.objects.get(title__contains="Meridian")
    return {
        "inbox": ("leo", "/inbox/"),
        "question": ("leo", f"/inbox/{question.pk}/"),
        "answered": ("leo", f"/inbox/{answered.pk}/"),
        "execution": ("rita", f"/executions/{answered.execution_id}/"),
        "catalogue": ("rita", "/flows/"),
        "start": ("rita", "/flows/refund/"),
        "executions": ("rita", "/executions/"),
    }


def grow_old() -> None:
    """Nobody starts everything in the same second."""
    from django.db import connection
    from django.db.models import F

    from flows.models import Event, Execution, Interrupt

    with connection.cursor() as cursor:  # events keep their time, except from this database's owner
        cursor.execute("SET session_replication_role = replica")
    for minutes, execution in zip(
        (4, 11, 32, 64, 131), Execution.objects.order_by("-created_at"), strict=True
    ):
        earlier = F("created_at") - timedelta(minutes=minutes)
        Execution.objects.filter(pk=execution.pk).update(created_at=earlier)
        Interrupt.objects.filter(execution=execution).update(created_at=earlier)
        Event.objects.filter(execution=execution, kind__in=BEFORE).update(created_at=earlier)
    connection.close()


def take(pictures: dict[str, tuple[str, str]], names: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, (person, path) in pictures.items():
            if names and name not in names:
                continue
            for theme in ("light", "dark"):
                shoot(browser, f"{name}-{theme}", person, path, theme, 1280, 800)
            shoot(browser, f"{name}-small", person, path, "light", 360, 740)
        browser.close()


def shoot(browser, name: str, person: str, path: str, theme: str, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
    page.goto(f"{BASE}/accounts/login/?next={path}")
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("html[data-live=on]").wait_for(state="attached")
    page.wait_for_timeout(400)
    page.screenshot(path=HERE / f"{name}.png")
    page.close()
    print(name)


@contextmanager
def running(*command: str) -> Iterator[None]:
    child = subprocess.Popen([sys.executable, "manage.py", *command])
    try:
        yield
    finally:
        child.terminate()
        child.wait(20)


def wait_for(done: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            done()
        except (OSError, ZeroDivisionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
