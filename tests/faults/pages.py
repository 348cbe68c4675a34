"""What the tests of a missing database ask of the pages."""

import time

from flows.models import Interrupt
from flows.services import executions
from tests.durable import reload, until
from tests.faults.reach import HTMX, Answer, Person


def waiting(**options) -> Interrupt:
    """A question that somebody's worker has asked."""
    execution = executions.start(flow="ask", input=options)
    return until(lambda: Interrupt.objects.filter(execution=execution).first())


def answer(person: Person, interrupt: Interrupt, *, comment: str = "yes") -> Answer:
    """Answer it as the form does; each time the same request."""
    form = {"decision": "approve", "comment": comment, "digest": interrupt.digest}
    form["request_id"] = f"of {interrupt.pk}"
    return person.post(f"/inbox/{interrupt.pk}/answer/", form, **HTMX)


def assert_says_so(answer: Answer) -> None:
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5"), answer.text
    assert "database does not answer" in answer.text


def seconds_until_all_works(person: Person, database) -> float:
    """How long it takes until page, service, worker and answer have all done their work again."""
    before = time.monotonic()
    database.close()
    until(lambda: person.get("/inbox/").status == 200)
    interrupt = waiting()
    assert answer(person, interrupt).status == 200
    until(lambda: reload(interrupt.execution).status == "completed")
    return time.monotonic() - before
