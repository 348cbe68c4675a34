"""The form that answers an interrupt, and the answer that `decide` is given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from flows import engine
from flows.models import Draft, Interrupt
from flows.services.actions import actions_of
from flows.services.answers import MAX_COMMENT
from flows.services.drafts import Typed
from flows.services.errors import Problem
from flows.services.foreign import response_schema
from flows.services.interrupts import answer_schema, undo_window
from flows.web.deciding import Button, Confirmation, Deciding
from flows.web.forms import SchemaForm, Unjudged, schema_form
from flows.web.forms.calls import call_forms, merged
from flows.web.forms.complaints import Complaint, complaint
from flows.web.forms.fields import ABSENT, Text
from flows.web.forms.rows import ADD, OPERATION, edited

OURS = (
    "csrfmiddlewaretoken",
    "request_id",
    "digest",
    "decision",
    "draft",
    "confirmed",
    "confirmation",
    OPERATION,
)
LABELS = {"human_input": gettext_noop("Your answer")}
OTHER = gettext_noop("Answer (JSON)")


class Comment(Unjudged, forms.Form):
    use_required_attribute = False
    comment = Text(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=MAX_COMMENT,
        widget=forms.Textarea(
            attrs={"rows": 2, "placeholder": gettext_lazy("Anything the requester should know")}
        ),
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with a request, or was kept as a draft; `is_judged`: its errors are shown."""

    data: MultiValueDict[str, str]
    files: MultiValueDict[str, Any] = field(default_factory=MultiValueDict)
    is_judged: bool = True

    @classmethod
    def of_draft(cls, draft: Draft) -> "Sent":
        return cls(MultiValueDict(draft.data), is_judged=False)

    @classmethod
    def edited(cls, data: QueryDict) -> "Sent":
        """What was typed, with a row more or less, and no errors."""
        return cls(edited(data)[0], is_judged=False)


class Answering:
    """Bound when something was sent. `answer` is what was read; ask `is_valid` first."""

    def __init__(self, interrupt: Interrupt, sent: Sent | None = None, zone: tzinfo | None = None) -> None:
        self.interrupt, self.sent = interrupt, sent
        self.is_approval = interrupt.type == "approval"
        data = sent.data if sent else MultiValueDict()
        self.request_id = data.get("request_id") or uuid4().hex
        self.deciding = Deciding(actions_of(interrupt) if self.is_approval else (), data)
        self.comment = Comment(data if sent else None) if self.deciding.takes_comment else None
        self.fields = self._fields(zone)
        self.calls = call_forms(interrupt, data if sent else None)
        self.general: list[str] = []
        if self.comment:
            self.deciding.describe(self.comment.fields["comment"])
        self._mark_first_field()
        if sent and not sent.is_judged:
            self._as_typed()

    def _fields(self, zone: tzinfo | None) -> SchemaForm | None:
        """The fields of the schema; an approval without one has none. A rejection does not fill them in."""
        schema = response_schema(self.interrupt)
        if self.is_approval and schema is None:
            return None
        initial = self.interrupt.initial
        return schema_form(
            schema if self.is_approval else answer_schema(self.interrupt),
            *((self.sent.data, self.sent.files) if self.sent else ()),
            value=ABSENT if initial is None else engine.plain_json(initial),
            label=gettext(LABELS.get(self.interrupt.type, OTHER)),
            zone=zone,
        )

    def _mark_first_field(self) -> None:
        """Where the key for editing goes."""
        made = next(iter(self.fields.made.values()), None) if self.fields else None
        first = made or (self.comment and self.comment.fields["comment"])
        if first:
            first.widget.attrs["data-key"] = "e"

    def _as_typed(self) -> None:
        if self.fields:
            self.fields.as_typed()
        if self.calls:
            self.calls.as_typed()
        if self.comment:
            self.comment.as_typed()

    @property
    def is_multipart(self) -> bool:
        return self.fields is not None and self.fields.is_multipart()

    @property
    def undo_seconds(self) -> float:
        return undo_window(self.interrupt)

    @property
    def buttons(self) -> list[Button]:
        return self.deciding.buttons

    @property
    def confirmation(self) -> Confirmation | None:
        return self.deciding.confirmation

    # -- judging ----------------------------------------------------------------
    def is_valid(self) -> bool:
        if self.is_approval and self.deciding.action is None:
            labels = [button.action.label for button in reversed(self.buttons)]
            self.general.append(gettext("Choose %(actions)s.") % {"actions": gettext(" or ").join(labels)})
            return False
        comment = self.comment is None or self.comment.is_valid()
        fields = self.fields is None or self.deciding.declines or self.fields.is_valid()
        calls = self.calls is None or self.deciding.declines or self.calls.is_valid()
        return comment and fields and calls

    @property
    def answer(self) -> Any:
        action = self.deciding.action
        if action is None:
            return self.fields.answer if self.fields else None
        answer: dict[str, Any] = {"approved": action.approved, "action": action.id}
        typed = self.comment.cleaned_data["comment"] if self.comment else ""
        if comment := self.deciding.comment(typed):
            answer["comment"] = comment
        if (self.fields or self.calls) and action.approved:
            answer["data"] = merged(self.fields.answer if self.fields else {}, self.calls)
        return answer

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put each problem that the service found where it belongs."""
        for problem in problems:
            if self.calls and self.calls.refuse(problem):
                continue
            first, *rest = problem.path or ("",)
            if not self.is_approval and self.fields:
                self.fields.refuse([problem])
            elif first == "data" and self.fields and not self.deciding.declines:
                self.fields.refuse([Problem(tuple(rest), problem.message)])
            elif first == "comment" and self.comment:
                self.comment.add_error("comment", problem.message)
            else:
                self.general.append(problem.message)

    # -- showing ----------------------------------------------------------------
    @property
    def complaints(self) -> list[Complaint]:
        """Every error of the form, in the order of the page."""
        found = [Complaint("", "", told) for told in self.general]
        if self.fields and self.fields.is_bound and not self.deciding.declines:
            found += self.fields.complaints
        if self.calls and not self.deciding.declines:
            found += self.calls.complaints
        if self.comment and self.comment.is_bound:
            found += [
                complaint(self.comment["comment"], str(t)) for t in self.comment.errors.get("comment", ())
            ]
        return found

    def point_at_first_error(self) -> None:
        if self.fields and self.fields.is_bound and not self.deciding.declines and self.fields.errors:
            self.fields.point_at_first_error()
        elif self.comment and self.comment.errors:
            self.comment.fields["comment"].widget.attrs["autofocus"] = True

    def point_at_new_row(self, data: QueryDict) -> None:
        operation, _, name = data.get(OPERATION, "").partition(":")
        _, new = edited(data) if operation == ADD else (None, None)
        if self.fields and new is not None:
            self.fields.point_at_row(name, new)


def typed(data: Mapping[str, Any], form: str) -> Typed:
    """What somebody has typed, without what every form of ours carries."""
    lists = data.lists() if isinstance(data, MultiValueDict) else ()
    kept = {str(name): [str(text) for text in texts] for name, texts in lists if name not in OURS}
    version = data.get("draft", "")
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else 0
    return Typed(kept, form, number)
