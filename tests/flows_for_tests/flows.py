"""Flows that the tests of the durable runtime drive. Nothing in here belongs to the product."""

import threading
import time
from pathlib import Path

from flows import TriggerFlow, register

ADDRESS = {
    "type": "object",
    "properties": {"amount": {"type": "integer", "minimum": 1}, "note": {"type": "string"}},
    "required": ["amount"],
    "additionalProperties": False,
}
WAIT_SECONDS = 40  # longer than any test waits


class Gate:
    """Where a chunk in this process says that it has come, and waits until it may go on."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Semaphore(0), threading.Event()

    def pass_through(self) -> None:
        self.reached.release()
        assert self.open.wait(WAIT_SECONDS)

    def wait_until_reached(self) -> None:
        assert self.reached.acquire(timeout=WAIT_SECONDS)


gates: dict[str, Gate] = {}
broken: set[str] = set()  # names of chunks that raise
runs: list[str] = []  # chunks in the order in which they ran in this process


# -- one question -----------------------------------------------------------------------------
ask_flow = TriggerFlow(name="ask")


async def ask(data):
    """Pauses as its input says: {"type", "payload", "response_schema", "policy", "initial"}."""
    options = dict(data.input or {})
    return await data.async_pause_for(**{"type": "approval", "payload": {"question": "Go on?"}} | options)


async def keep(data):
    runs.append("keep")
    if "keep" in broken:
        raise RuntimeError("The ledger is closed")
    await data.async_set_state("answer", data.input)
    data.set_result(data.input)


ask_flow.to(ask).to(keep)
register(ask_flow, title="Ask", description="Asks one question and keeps the answer.")


# -- a slow branch beside a question ------------------------------------------------------------
beside_flow = TriggerFlow(name="beside")


async def slow(data):
    gates[data.input].pass_through()
    return "slow is done"


async def question(data):
    return await data.async_pause_for(type="human_input", payload={"question": "Name?"})


async def named(data):
    await data.async_set_state("name", data.input)
    gates[data.input].pass_through()
    return data.input


beside_flow.to(slow)
beside_flow.to(question).to(named)
register(beside_flow)


# -- again and again with "self", and two at once -----------------------------------------------
pair_flow = TriggerFlow(name="pair")


async def legal(data):
    if data.is_resume:
        return data.resume.value
    return await data.async_pause_for(type="human_input", payload={"title": "Legal"}, resume_to="self")


async def finance(data):
    if data.is_resume:
        return data.resume.value
    return await data.async_pause_for(type="human_input", payload={"title": "Finance"}, resume_to="self")


async def both(data):
    data.set_result(data.input)


pair_flow.batch(legal, finance).to(both)
register(pair_flow)


# -- no question, a form to start with --------------------------------------------------------
plain_flow = TriggerFlow(name="plain")


def double(data):
    """Not async, and uses the database as any view would."""
    from flows.models import Execution

    assert Execution.objects.filter(pk=data.execution_id).exists()
    return data.input["amount"] * 2


async def finish(data):
    data.set_result(data.input)


plain_flow.to(double).to(finish)
register(plain_flow, input_schema=ADDRESS, start_groups=["Finance"])


# -- a chunk that another process is killed in ---------------------------------------------------
kill_flow = TriggerFlow(name="killed")


def linger(data):
    """The first run says through a pipe that it has begun, and never ends."""
    began, pipe = Path(data.input["began"]), Path(data.input["pipe"])
    if not began.exists():
        began.touch()
        pipe.write_text("begun")
        threading.Event().wait()
    return "survived"


kill_flow.to(linger).to(finish)
register(kill_flow)


# -- a chunk that works until it hears that somebody else has taken over ----------------------------
watching_flow = TriggerFlow(name="watching")


def watch(data):
    """The first run says that it has begun, and ends when it is told to: by a file, or as cancelled."""
    folder = Path(data.input)
    if (folder / "began").exists():
        return "taken over"
    (folder / "began").touch()
    while not data.is_cancelled and not (folder / "go on").exists():
        threading.Event().wait(0.05)
    (folder / "told").write_text("cancelled" if data.is_cancelled else "go on")
    return "went on"


watching_flow.to(watch).to(finish)
register(watching_flow)


# -- chunks that only some workers run -------------------------------------------------------------
render_flow = TriggerFlow(name="render")


@render_flow.chunk
def prepare(data):
    runs.append("prepare")
    return data.input


@render_flow.chunk(queue="gpu")
def render(data):
    runs.append("render")
    return data.input


@render_flow.chunk
def publish(data):
    runs.append("publish")
    return data.pause_for(type="approval", payload={"question": "Publish?"})


render_flow.batch(prepare, render).to(publish).to(finish)
register(render_flow)

# -- a whole flow on workers of its own, and one that is a crowd ------------------------------------
crowd_flow = TriggerFlow(name="crowd")


def member(data):
    runs.append(data.input)


crowd_flow.for_each().to(member).end_for_each()
register(crowd_flow)
night_flow = TriggerFlow(name="night")
night_flow.to(night_flow.chunk("watch")(lambda data: runs.append("watch")))
register(night_flow, queue="night")


# -- a chunk that lets nothing else run in its event loop -------------------------------------------
block_flow = TriggerFlow(name="block")


def begin(path):
    with path.open("a") as log:
        log.write("begun\n")


def doze(path):
    while not path.exists():
        time.sleep(0.05)


def reckon(path):
    """Holds the interpreter's lock but for every millionth turn."""
    while not path.exists():
        sum(1 for _ in range(1_000_000))


@block_flow.chunk
async def block(data):
    begin(Path(data.input["log"]))
    {"doze": doze, "reckon": reckon}[data.input["how"]](Path(data.input["until"]))


block_flow.to(block)
register(block_flow)


# -- a sub flow in a loop -----------------------------------------------------------------------
child_flow = TriggerFlow(name="child")


def ask_item(data):
    return data.pause_for(type="human_input", payload={"title": data.input})


def item_answered(data):
    data.set_result({"said": data.input})


child_flow.to(ask_item).to(item_answered)
loop_flow = TriggerFlow(name="loop")
loop_flow.for_each().to(child_flow).end_for_each().to(loop_flow.chunk("keep all")(keep))
register(loop_flow, title="Loop")


# -- a chunk that is tried again ------------------------------------------------------------------
retrying_flow = TriggerFlow(name="retrying")


@retrying_flow.chunk("tries", retries=2)
def tries(data):
    if data.attempt <= data.input:
        raise ConnectionError("No answer from the bank")
    data.set_result(data.attempt)


retrying_flow.to(tries)
register(retrying_flow, title="Retrying")


# -- a contract and progress ------------------------------------------------------------------------
reporting_flow = TriggerFlow(name="reporting").set_contract(initial_input=list[int])


@reporting_flow.chunk
def reports(data):
    for number in data.input:
        data.put_into_stream({"done": number})


reporting_flow.to(reports)
register(reporting_flow, title="Reporting")


# -- an exception whose text cannot be had ----------------------------------------------------------
class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class UnspeakableExit(BaseException):
    def __str__(self):
        raise KeyboardInterrupt


UNSPEAKABLE = {"error": Unspeakable, "exit": UnspeakableExit}
unspeakable_flow = TriggerFlow(name="unspeakable")


@unspeakable_flow.chunk
def raises_unspeakable(data):
    raise UNSPEAKABLE[data.input]


unspeakable_flow.to(raises_unspeakable)
register(unspeakable_flow, title="Unspeakable")


# -- a chunk that tells which attempt it is -----------------------------------------------------------
telling_flow = TriggerFlow(name="telling")
telling_flow.to(
    telling_flow.chunk("tells")(lambda data: data.set_result([data.attempt, data.idempotency_key]))
)
register(telling_flow, title="Telling")


# -- a chunk that is tried again a little later ---------------------------------------------------------
later_flow = TriggerFlow(name="later")


@later_flow.chunk("tries later", retries=1, retry_delay=0.3)
def tries_later(data):
    runs.append(f"attempt {data.attempt}")
    if data.attempt == 1:
        raise ConnectionError("Not yet")
    data.set_result(data.attempt)


later_flow.to(tries_later)
register(later_flow, title="Later")


# -- events from outside ------------------------------------------------------------------------------
listening_flow = TriggerFlow(name="listening")


def ask_for_payment(data):
    return data.pause_for(type="human_input", payload={"title": "Paid?"}, resume_event="Paid")


def keep_payment(data):
    data.append_state("paid", data.input)


listening_flow.to(ask_for_payment)
listening_flow.when("Paid").to(keep_payment)
register(listening_flow, title="Listening", auto_close_timeout=1.0)


# -- a chunk whose event closes a question ------------------------------------------------------------
emitting_flow = TriggerFlow(name="emitting")


def emit_paid(data):
    gates["emit"].pass_through()
    data.emit("Paid", "by the chunk")


emitting_flow.to(ask_for_payment)
emitting_flow.to(emit_paid)
emitting_flow.when("Paid").to(keep_payment)
register(emitting_flow, title="Emitting")


# -- one chunk after the other ----------------------------------------------------------------------------
narrow_flow = TriggerFlow(name="narrow")


def passes(data):
    gates[data.input].pass_through()


narrow_flow.for_each().to(passes).end_for_each()
register(narrow_flow, title="Narrow", concurrency=1)

skipping_flow = TriggerFlow(name="skipping")


def fails_on_two(data):
    if data.input == 2:
        raise ValueError("two")
    return data.input


skipping_flow.for_each().to(fails_on_two).end_for_each().to(skipping_flow.chunk("keep results")(keep))
register(skipping_flow, title="Skipping", skip_exceptions=True)


# -- a question beside a chunk that raises ----------------------------------------------------------------
stumbling_flow = TriggerFlow(name="stumbling")


def ask_patiently(data):
    return data.pause_for(type="human_input", payload={"title": "Name?"}, undo_seconds=60)


def stumble(data):
    gates["stumble"].pass_through()
    if "stumble" in broken:
        raise RuntimeError("Stumbled")


stumbling_flow.to(ask_patiently)
stumbling_flow.to(stumble)
register(stumbling_flow, title="Stumbling")

from tests.flows_for_tests import crashing, judged, rounds  # noqa: F401
