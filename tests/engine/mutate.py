# ruff: noqa: E501
"""Break the engine on purpose, one place at a time, and see that the tests notice.

    python -m tests.engine.mutate            every break; exit code 1 when one goes unnoticed

The results are kept in docs/testing.md.
"""

from dataclasses import replace
from functools import partial

from tests import mutation

Break = partial(mutation.Break, tests=("tests/engine",))

BREAKS = [
    Break("an answer leaves its scope", "core", "self.leave(step, value, interrupt.place)",
          "self.leave(step, value, interrupt.place._replace(scope=None))"),
    Break("a join fires with its first branch", "routing", "if len(join.results) == len(join.keys):",
          "if join.results or not join.keys:"),
    Break("a branch counts twice in its join", "routing", "if key not in join.results:", "if True:"),
    Break("results come in the order of answers", "routing", "[join.results[key] for key in join.keys]",
          "list(join.results.values())"),
    Break("concurrency is not kept", "routing", "if opener.limit is None else max(opener.limit - join.running, 0)",
          "if True else 0"),
    Break("“self” loses its scope", "signals", "Signal(self.step, self.value, self.place)",
          "Signal(self.step, self.value, self.place._replace(scope=None))"),
    Break("a paused chunk hands on all the same", "effects", "elif not outcome.has_paused:", "else:"),
    Break("a retry starts the count of attempts anew", "failing",
          "activation.attempt, activation.not_before = activation.attempt + 1, 0.0",
          "activation.attempt, activation.not_before = 1, 0.0"),
    Break("a retry does not wait", "failing", "activation.not_before = core.clock() + delay", "pass"),
    Break("a reminder comes again and again", "timers", "if t.at > now or t.kind is TimerKind.EXPIRE]", "]"),
    Break("an expired question waits on", "timers", "if interrupt.timers and interrupt.id not in settled:",
          "if False:"),
    Break("timers are forgotten by a snapshot", "signals", '"timers": [list(timer) for timer in self.timers]',
          '"timers": []'),
    Break("a chunk that raised counts as done", "runner", "return Outcome(error=error)", "return Outcome(data.effects)"),
    Break("a failed execution goes on", "core", "if self.ready and self.status is not Status.FAILED and",
          "if self.ready and"),
    Break("it is called waiting while something runs", "core", "bool(self.interrupts) and not (self.ready or self.running or self.away)",
          "bool(self.interrupts)"),
    Break("an emit does not resolve who waits on it", "events", "if i.awaits(event, number)]", "if False]"),
    Break("what runs is missing from the snapshot", "snapshot", "[*core.ready.values(), *core.running.values(), *core.away.values()]",
          "[*core.ready.values()]"),
    Break("what is away is missing from the snapshot", "snapshot", "*core.running.values(), *core.away.values()]",
          "*core.running.values()]"),
    Break("it is called waiting while something is away", "core", "(self.ready or self.running or self.away)",
          "(self.ready or self.running)"),
    Break("the outcome of another run counts", "away", "activation is not None and activation.away == run",
          "activation is not None"),
    Break("a snapshot with missing steps loads", "snapshot", "    if missing:", "    if False:"),
    Break("of two steps of one name the wrong one is taken", "snapshot", "    if moved:", "    if False:"),
    Break("a sub flow is left while something in it is open", "occupancy", "if spot not in self._counts:", "if True:"),
    Break("a load forgets what is open", "snapshot", "core.open.enter(place)", "pass"),
    Break("sub flows share the state of the flow", "routing", "Frame(core.next_number(), step.sub, signal, state)",
          "Frame(core.next_number(), step.sub, signal, outer.state)"),
    Break("branches run one after the other", "pump", "await asyncio.gather(*map(self._follow, batch))",
          "[await self._follow(a) for a in batch]"),
    Break("a cancelled caller loses its chunk", "pump", "self.core.give_back(activation)", "pass"),
    Break("chunks share what they are given", "data", "restore_json(self._activation.value), True",
          "self._activation.value, True"),
    Break("a condition hits on what is only truthy", "runner", "return returned is True", "return bool(returned)"),
    Break("an interrupt id may wait twice", "effects", 'elif kind == "pause" and arguments[0].id in taken:',
          'elif kind == "pause" and False:'),
    Break("a step of that name gets no number", "draft", 'candidate = f"{wanted}#{number}"',
          'candidate = f"{wanted}#{len(self.steps)}"'),
]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(mutation.run([replace(change, file=f"engine/{change.file}.py") for change in BREAKS]))
