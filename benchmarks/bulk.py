"""How long a thousand questions take to be decided together, over HTTP, of a real web server.

    python -m benchmarks.bulk [--rows 1000]

As the page does it: the table, then what is common, then part after part of fifty rows. No worker runs. Exit
code 1 when it takes longer than DESIGN.md allows.
"""

import argparse
import os
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from benchmarks.cycles.venv import ROOT

PORT = "8498"
ADDRESS = f"http://localhost:{PORT}/inbox/together/"
BUDGET_SECONDS = 5.0
PART = 50
SETTINGS = {"APPROVALS_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "approvals_site.settings"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bulk", description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    rows = parser.parse_args().rows
    from approvals_site.scratch import scratch

    with scratch("bulk"):
        cookie = prepared(rows)
        web = subprocess.Popen([sys.executable, "manage.py", "web", "--port", PORT], cwd=ROOT, env=os.environ)
        try:
            from benchmarks.inbox import measured

            measured.PORT = PORT
            measured.wait_for_it()
            return measure(cookie, rows)
        finally:
            web.terminate()
            web.wait(20)


def prepared(rows: int) -> str:
    """Waiting refunds, and the cookie of somebody who may answer them."""
    os.environ |= SETTINGS | {"PORT": PORT}
    import django

    django.setup()
    from django.core.management import call_command

    from approvals_site import people
    from benchmarks.inbox import measured
    from flows.services import seeding
    from flows.services.seeding import Wish

    call_command("migrate", verbosity=0)
    people.create_missing()
    given = {"customer": f"Customer {seeding.NUMBER}", "amount": 400, "reason": "Billed twice"}
    import random

    sample = seeding.sample(Wish("refund", given, 1.0, (), 3600.0))
    for _ in seeding.fill([sample], rows, chance=random.Random(1)):  # noqa: S311
        pass
    return measured.cookie_of("admin")


def measure(cookie: str, rows: int) -> int:
    began = time.perf_counter()
    page = asked(cookie, f"{ADDRESS}?all=1")
    drawn = time.perf_counter() - began
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    every = [(name, value.replace("&quot;", '"')) for name, value in found]
    common = [(n, v) for n, v in every if n in ("csrfmiddlewaretoken", "shape", "request_id", "column")]
    common += [("decision", "approve"), ("takes", "proposed")]
    listed = [pair for pair in every if pair[0] == "row"]
    began = time.perf_counter()
    asked(cookie, ADDRESS, [*common, *listed, ("step", "check")])
    done = 0
    for start in range(0, len(listed), PART):
        left = str(len(listed) - start - PART)
        sent = [*common, *listed[start : start + PART], ("step", "part"), ("batch", "0"), ("left", left)]
        done += asked(cookie, ADDRESS, sent).count('data-result="done"')
    taken = time.perf_counter() - began
    print(
        f"table {drawn:.2f} s, {done} of {rows} decided in {taken:.2f} s ({1000 * taken / rows:.1f} ms each)"
    )
    return int(done != rows or taken > BUDGET_SECONDS)


def asked(cookie: str, address: str, form: list[tuple[str, str]] | None = None) -> str:
    token = dict(form or []).get("csrfmiddlewaretoken", "x" * 32)
    headers = {"Cookie": f"{cookie}; csrftoken={COOKIE.get('csrftoken', token)}", "HX-Request": "true"}
    data = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(address, data, headers if form else {"Cookie": cookie})  # noqa: S310
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
        for text in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = text.partition("=")
            COOKIE[name] = rest.partition(";")[0]
        return answer.read().decode()


COOKIE: dict[str, str] = {}


if __name__ == "__main__":
    sys.exit(main())
