"""Takes the pictures in this folder, of the real site in a database of its own.

    .venv/bin/python docs/screenshots/make.py [NAME …]

Without names: all of them. Needs Chromium at /usr/bin/chromium and a font with Chinese characters; makes
smaller files where Pillow is installed.
"""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

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
PURCHASES = [
    ("three desks", "Nordholz", 1290, "normal"),
    ("a patent search", "Ellery & Co", 2400, "high"),
    ("licences for contract review", "Paragraf", 860, "urgent"),
]
BEFORE = ["execution.started", "interrupt.opened"]
TASK = {"task": "Tell Meridian Foods that the refund is on its way, and close their ticket."}
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
    from flows.services import preferences

    call_command("migrate", verbosity=0)
    mei = people.Person("mei", "Mei", "reviewer", group="Legal")
    users = {person.username: people.create(person, PASSWORD) for person in (*people.DEMO_PEOPLE, mei)}
    preferences.change(user=users["mei"], language="zh-hans", time_zone="Asia/Shanghai")
    return users


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a person sees it; `prepare` brings it into the state that is shown."""

    person: str
    path: str
    prepare: Callable[[Any], None] = lambda page: None


def story(users: dict[str, object]) -> dict[str, Picture]:
    """Start flows and answer one; gives what to take pictures of."""
    from flows.models import Interrupt

    start_all(users)
    answered = answer_one(users)
    grow_old()
    asked = {flow: Interrupt.objects.filter(flow=flow).first() for flow in ("release", "assistant")}
    refund = Interrupt.objects.get(title__contains="Meridian")
    release, tools = (f"/inbox/{asked[flow].pk}/" for flow in ("release", "assistant"))
    return {
        "inbox": Picture("leo", "/inbox/"),
        "filters": Picture("leo", "/inbox/?priority=2&flow=purchase", opening("Filter")),
        "nothing": Picture("leo", "/inbox/?q=unicorn"),
        "question": Picture("leo", f"/inbox/{refund.pk}/"),
        "errors": Picture("leo", f"/inbox/{refund.pk}/", wrong_amount),
        "changes": Picture("leo", release),
        "confirmation": Picture("leo", release, withdrawing),
        "tools": Picture("leo", tools),
        "answered": Picture("leo", f"/inbox/{answered.pk}/"),
        "paper": Picture("leo", f"/inbox/{answered.pk}/paper/"),
        "keys": Picture("leo", "/inbox/", lambda page: page.keyboard.press("?")),
        "settings": Picture("leo", "/settings/"),
        "execution": Picture("rita", f"/executions/{answered.execution_id}/"),
        "executions": Picture("rita", "/executions/"),
        "catalogue": Picture("rita", "/flows/"),
        "start": Picture("rita", "/flows/refund/"),
        "chinese": Picture("mei", f"/inbox/{refund.pk}/"),
        "sign-in": Picture("", "/accounts/login/"),
    }


def start_all(users: dict[str, object]) -> None:
    from flows.models import Interrupt
    from flows.services import executions

    rita = users["rita"]
    review = {"title": "Supply agreement with Baltic Freight", "document": CONTRACT}
    executions.start(flow="document_review", input=review, by=rita)
    for customer, amount, reason, note in REFUNDS:
        given = {"customer": customer, "amount": amount, "reason": reason} | ({"note": note} if note else {})
        executions.start(flow="refund", input=given, by=rita)
        time.sleep(0.3)
    for item, supplier, amount, urgency in PURCHASES:
        given = {"item": item, "supplier": supplier, "amount": amount, "team": "Legal", "urgency": urgency}
        executions.start(flow="purchase", input=given, by=rita)
    executions.start(flow="release", input={"service": "billing", "version": "4.12.0"}, by=rita)
    executions.start(flow="assistant", input=TASK, by=rita)
    asked = 1 + len(REFUNDS) + len(PURCHASES) + 2
    wait_for(lambda: Interrupt.objects.count() == asked or 1 / 0)


def answer_one(users: dict[str, object]) -> Any:
    from flows.models import Execution, Interrupt
    from flows.services import interrupts

    answered = Interrupt.objects.get(title__contains="Ilse Baum")
    answer = {"approved": True, "comment": "The carrier has confirmed the loss.", "data": {"amount": 310}}
    interrupts.decide(interrupt_id=answered.pk, answer=answer, by=users["fiona"], door="browser")
    ended = Execution.objects.filter(pk=answered.execution_id, status="completed")
    wait_for(lambda: ended.exists() or 1 / 0)
    return answered


def opening(button: str) -> Callable[[Any], None]:
    return lambda page: page.get_by_role("button", name=button).first.click()


def wrong_amount(page: Any) -> None:
    page.get_by_role("spinbutton").first.fill("-5")
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("alert").filter(has_text="another look").wait_for()


def withdrawing(page: Any) -> None:
    page.get_by_label("Reason").last.fill("One of the checks has failed.")
    page.get_by_role("button", name="Withdraw").click()
    page.locator(".confirm").wait_for()


def grow_old() -> None:
    """Nobody starts everything in the same second."""
    from django.db import connection
    from django.db.models import F

    from flows.models import Event, Execution, Interrupt

    with connection.cursor() as cursor:  # events keep their time, except from this database's owner
        cursor.execute("SET session_replication_role = replica")
    for number, execution in enumerate(Execution.objects.order_by("-created_at")):
        minutes = 4 + 13 * number + 5 * number**2
        earlier = F("created_at") - timedelta(minutes=minutes)
        Execution.objects.filter(pk=execution.pk).update(created_at=earlier)
        Interrupt.objects.filter(execution=execution).update(created_at=earlier)
        Event.objects.filter(execution=execution, kind__in=BEFORE).update(created_at=earlier)
    connection.close()


def take(pictures: dict[str, Picture], names: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, picture in pictures.items():
            if names and name not in names:
                continue
            for theme in ("light", "dark"):
                shoot(browser, f"{name}-{theme}", picture, theme, (1280, 800))
            shoot(browser, f"{name}-small", picture, "light", (360, 740))
        browser.close()


def shoot(browser: Any, name: str, picture: Picture, theme: str, size: tuple[int, int]) -> None:
    context = browser.new_context(
        base_url=BASE, viewport={"width": size[0], "height": size[1]}, color_scheme=theme
    )
    context.add_cookies(cookies_of(picture.person))
    page = context.new_page()
    page.goto(picture.path)
    if picture.person:
        page.locator("html[data-live=on]").wait_for(state="attached")
    picture.prepare(page)
    page.wait_for_timeout(400)
    page.screenshot(path=HERE / f"{name}.png")
    shrink(HERE / f"{name}.png")
    context.close()
    print(name)


def shrink(path: Path) -> None:
    """256 colours are enough for a page, and a third of the size."""
    try:
        from PIL import Image
    except ImportError:  # not worth a dependency of everybody's
        return
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def cookies_of(username: str) -> list[dict[str, str]]:
    """Those of somebody who is signed in; none for nobody."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    if not username:
        return []
    client = Client()
    client.force_login(User.objects.get(username=username))
    name = settings.SESSION_COOKIE_NAME
    return [{"name": name, "value": client.cookies[name].value, "url": BASE}]


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
