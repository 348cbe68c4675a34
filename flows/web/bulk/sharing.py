"""The answer that many questions of one shape share, with exceptions."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, gettext_noop

from flows import engine
from flows.models import Interrupt
from flows.services.actions import Action, Reason
from flows.web.answering import Answering, Sent
from flows.web.bulk.sent import SentRow, SentTable
from flows.web.bulk.shapes import Shape, asked_for, offered
from flows.web.deciding import Button

PROPOSED, SAME = "proposed", "same"
NOT_OFFERED = gettext_noop("This cannot be decided together with others. Open it and answer it there.")
NOT_FILLED_IN = gettext_noop("Fill in the fields for all of them first.")


class Sharing:
    """The form for all questions of a shape; bound when `sent` is given. Ask `is_valid` before `answer`.

    Each question proposes an answer of its own, or they all get what is filled in once: `takes`.
    """

    def __init__(
        self, shape: Shape, sent: SentTable | None = None, *, zone: tzinfo, is_judged: bool = True
    ) -> None:
        self.shape, self.sent = shape, sent
        self.ids = {interrupt.pk for interrupt in shape.interrupts}
        self.data: MultiValueDict[str, str] = sent.data if sent else MultiValueDict()
        self.proposes = any(interrupt.initial is not None for interrupt in shape.interrupts)
        usual = PROPOSED if self.proposes else SAME
        self.takes = self.data.get("takes") or usual
        self.answering = Answering(model_of(shape.first), self._sent(is_judged), zone)
        self.confirms = 0  # how many destructive answers are to be confirmed; 0 when nothing is
        self.confirm_error = ""
        self._fields_fit: bool | None = None

    def _sent(self, is_judged: bool) -> Sent | None:
        return Sent(self.data, is_judged=is_judged) if self.sent else None

    # -- what is offered --------------------------------------------------------
    @property
    def buttons(self) -> list[Button]:
        return [button for button in self.answering.buttons if not button.action.confirm]

    @property
    def actions(self) -> list[Action]:
        return [action for action in offered(self.shape.first) if not action.confirm]

    @property
    def not_offered(self) -> list[Action]:
        return [action for action in offered(self.shape.first) if action.confirm]

    @property
    def action(self) -> Action | None:
        return self._named(self.answering.deciding.data.get("decision", ""))

    @property
    def is_proposed(self) -> bool:
        return self.takes == PROPOSED

    def _named(self, id: str) -> Action | None:
        return next((action for action in self.actions if action.id == id), None)

    def action_of(self, row: SentRow) -> Action | None:
        return self._named(row.own) if row.own else self.action

    # -- judging ----------------------------------------------------------------
    def is_valid(self, rows: Iterable[SentRow]) -> bool:
        """Whether what is said for all of them can be: each answer is still judged by itself."""
        decided = [row for row in rows if not row.is_left_out]
        answering = self.answering
        if not decided:
            answering.general.append(gettext("Every row is left out."))
        elif answering.is_approval and self.action is None:
            labels = [action.label for action in reversed(self.actions)]
            answering.general.append(
                gettext("Choose %(actions)s.") % {"actions": gettext(" or ").join(labels)}
            )
        if answering.comment and not answering.comment.is_valid():
            return False
        if any(self._lacks_reason(row) for row in decided) and answering.comment and self.action:
            told = gettext("“%(action)s” needs a reason.") % {"action": self.action.label}
            answering.comment.add_error("comment", told)
            return False
        return not answering.general and (not self._needs_fields(decided) or self._has_fields())

    def is_confirmed(self, rows: Iterable[SentRow]) -> bool:
        """Whether nothing destructive is among them, or their number was typed."""
        actions = [self.action_of(row) for row in rows if not row.is_left_out]
        count = sum(1 for action in actions if action and action.is_destructive)
        typed, asked = self.data.get("confirmation") or "", bool(self.data.get("confirmed"))
        if not count or (asked and typed.replace(",", "").strip() == str(count)):
            return True
        self.confirms = count
        told = gettext("Type %(count)s, the number of rows.") % {"count": count}
        self.confirm_error = told if asked else ""
        return False

    def _lacks_reason(self, row: SentRow) -> bool:
        """Whether it is decided as all are, and the reason for that is nowhere."""
        action = self.action
        wants = not row.own and action is not None and action.reason is Reason.REQUIRED
        return wants and not (row.why or self._comment)

    def _needs_fields(self, rows: Iterable[SentRow]) -> bool:
        if self.answering.fields is None or self.is_proposed:
            return False
        return any(self._takes_fields(row) for row in rows)

    def _takes_fields(self, row: SentRow) -> bool:
        action = self.action_of(row)
        return not self.answering.is_approval or (action is not None and action.approved)

    def _has_fields(self) -> bool:
        """Whether the fields fit; judged once."""
        if self._fields_fit is None:
            self._fields_fit = self.answering.fields is None or self.answering.fields.is_valid()
        return self._fields_fit

    @property
    def _comment(self) -> str:
        comment = self.answering.comment
        typed = comment.cleaned_data.get("comment", "") if comment and comment.is_valid() else ""
        return self.answering.deciding.comment(typed)

    # -- the answer of one ------------------------------------------------------
    def answer(self, row: SentRow, interrupt: Interrupt) -> Any:
        """What `decide` is given; raises NotTogether where this form has no answer to it."""
        if not self.answering.is_approval:
            return self._filled_in(interrupt)
        action = self.action_of(row)
        if action is None:
            raise NotTogether(gettext(NOT_OFFERED))
        answer: dict[str, Any] = {"approved": action.approved, "action": action.id}
        if comment := row.why or ("" if row.own and row.own != self._decision else self._comment):
            answer["comment"] = comment
        if action.approved and self.answering.fields is not None:
            answer["data"] = self._filled_in(interrupt)
        return answer

    @property
    def _decision(self) -> str:
        return self.action.id if self.action else ""

    def _filled_in(self, interrupt: Interrupt) -> Any:
        if self.is_proposed and self.proposes:
            return {} if interrupt.initial is None else engine.plain_json(interrupt.initial)
        fields = self.answering.fields
        if fields is None or not self._has_fields():
            raise NotTogether(gettext(NOT_FILLED_IN))
        return fields.answer


class NotTogether(Exception):
    """This form has no answer to that question; the message says what to do."""


def model_of(interrupt: Interrupt) -> Interrupt:
    """A question like this one, without its own limits and what it proposes, to draw the form by."""
    return Interrupt(
        flow=interrupt.flow,
        step=interrupt.step,
        type=interrupt.type,
        payload=interrupt.payload,
        response_schema=asked_for(interrupt),
        undo_seconds=interrupt.undo_seconds,
    )
