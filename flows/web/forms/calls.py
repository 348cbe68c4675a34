"""The part of an answer's form that decides proposed tool calls, one card each."""

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from flows import engine
from flows.models import Interrupt
from flows.services.calls import MAX_COMMENT, PLACE, Call, Decision
from flows.services.errors import Problem
from flows.services.foreign import proposed
from flows.web.forms.complaints import Complaint, complaint
from flows.web.forms.fields import Text
from flows.web.forms.form import SchemaForm

LABELS = {
    Decision.APPROVE: gettext_noop("Approve"),
    Decision.EDIT: gettext_noop("Edit"),
    Decision.REJECT: gettext_noop("Reject"),
}
KINDS = {str: "string", bool: "boolean", int: "integer", float: "number"}
LONG = 60  # characters from which on a text that is edited gets an area


class Deciding(forms.Form):
    """What happens to one call."""

    use_required_attribute = False
    decision = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Decide what happens to this call.")},
    )
    comment = Text(
        required=False, max_length=MAX_COMMENT, label=gettext_lazy("Reason"), widget=forms.TextInput
    )

    def __init__(self, *args: Any, allowed: tuple[Decision, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["decision"].choices = [(d.value, gettext(LABELS[d])) for d in allowed]  # type: ignore[attr-defined]


class CallForm:
    """One card: `deciding` is always filled in, `args` only when the call is edited."""

    def __init__(self, call: Call, number: int, data: Any, *, is_alone: bool) -> None:
        self.call, self.number = call, number
        plain = engine.plain_json(call.args)
        first = call.allowed[0].value if is_alone and call.allowed else None
        prefix = f"call-{number}"
        self.deciding = Deciding(data, prefix=prefix, allowed=call.allowed, initial={"decision": first})
        self.args: SchemaForm | None = None
        if Decision.EDIT in call.allowed:
            schema = call.args_schema or guessed(plain)
            self.args = SchemaForm(data, schema=schema, value=plain, label=gettext("Arguments"), root=prefix)

    @property
    def facts(self) -> dict[str, Any]:
        """The arguments as they were proposed."""
        plain = engine.plain_json(self.call.args)
        return plain if isinstance(plain, dict) else {}

    @property
    def decision(self) -> str:
        return str(self.deciding.cleaned_data.get("decision", ""))

    def is_valid(self) -> bool:
        good = self.deciding.is_valid()
        if good and self.decision == Decision.EDIT:
            return self.args is not None and self.args.is_valid()
        return good

    @property
    def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"id": self.call.id, "decision": self.decision}
        if self.decision == Decision.EDIT and self.args:
            answer["args"] = self.args.answer
        if self.decision == Decision.REJECT and (comment := self.deciding.cleaned_data.get("comment")):
            answer["comment"] = comment
        return answer

    @property
    def complaints(self) -> list[Complaint]:
        """Every error of this card."""
        place = self.call.name
        found = [
            complaint(self.deciding[name], str(told), place)
            for name in self.deciding.fields
            for told in self.deciding.errors.get(name, ())
        ]
        edits = self.deciding.is_bound and self.deciding["decision"].value() == Decision.EDIT
        if self.args and edits:
            found += [
                Complaint(c.target, f"{place}, {c.label.lower()}", c.message) for c in self.args.complaints
            ]
        return found

    def refuse(self, problem: Problem) -> None:
        """Put what a service objects to where it belongs on this card."""
        first, *rest = problem.path or ("",)
        if first == "args" and self.args and self.args.is_bound:
            self.args.refuse([Problem(tuple(rest), problem.message)])
        else:
            self.deciding.add_error("comment" if first == "comment" else "decision", problem.message)

    def as_typed(self) -> None:
        """Show what was typed without judging it."""
        self.deciding._errors, self.deciding.cleaned_data = ErrorDict(), {}  # type: ignore[attr-defined]
        if self.args:
            self.args.as_typed()


class CallForms:
    """All cards of a question. Call `is_valid()`, then read `answer`."""

    def __init__(self, calls: tuple[Call, ...], data: Any = None) -> None:
        alone = len(calls) == 1
        self.cards = [CallForm(call, number, data, is_alone=alone) for number, call in enumerate(calls)]

    def is_valid(self) -> bool:
        judged = [card.is_valid() for card in self.cards]  # every card shows its errors
        return all(judged)

    @property
    def answer(self) -> list[dict[str, Any]]:
        return [card.answer for card in self.cards]

    def refuse(self, problem: Problem) -> bool:
        """Put a problem below `data.calls` at its card; False when it belongs to none."""
        number = problem.path[len(PLACE)] if len(problem.path) > len(PLACE) else None
        if problem.path[: len(PLACE)] != PLACE or not isinstance(number, int) or number >= len(self.cards):
            return False
        self.cards[number].refuse(Problem(problem.path[len(PLACE) + 1 :], problem.message))
        return True

    @property
    def complaints(self) -> list[Complaint]:
        return [found for card in self.cards if card.deciding.is_bound for found in card.complaints]

    def as_typed(self) -> None:
        for card in self.cards:
            card.as_typed()


def call_forms(interrupt: Interrupt, data: Any = None) -> CallForms | None:
    """The cards of a question, bound when request data is given; None when it proposes no calls."""
    calls = proposed(interrupt)
    return CallForms(calls, data) if calls else None


def merged(data: Any, forms: CallForms | None) -> dict[str, Any]:
    """The `data` of an answer with the decided calls in it; {} when there is nothing."""
    found = dict(data) if isinstance(data, dict) else {}
    return {**found, "calls": forms.answer} if forms else found


def guessed(args: Any) -> dict[str, Any]:
    """Typed fields for arguments without a schema, by what they are now; the service judges nothing by it."""
    items = args.items() if isinstance(args, dict) else ()
    properties = {name: kind(value) for name, value in items}
    needed = [name for name, value in items if value not in ("", None)]
    return {"type": "object", "properties": properties, "required": needed}


def kind(value: Any) -> dict[str, Any]:
    if type(value) not in KINDS:
        return {}
    area = {"x-ui": {"widget": "textarea"}} if isinstance(value, str) and len(value) > LONG else {}
    return {"type": KINDS[type(value)], **area}
