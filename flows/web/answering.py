"""The form that answers an interrupt, and the answer that `decide` is given."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms

from flows import engine
from flows.models import Interrupt
from flows.services.answers import MAX_COMMENT
from flows.services.errors import Problem
from flows.services.interrupts import answer_schema
from flows.web.forms import SchemaForm, schema_form
from flows.web.forms.fields import ABSENT, Text

APPROVE, REJECT = "approve", "reject"


class Comment(forms.Form):
    use_required_attribute = False
    comment = Text(
        required=False,
        max_length=MAX_COMMENT,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Anything the requester should know"}),
    )


class Answering:
    """Bound when request data is given. `answer` is what was read; ask `is_valid` first."""

    def __init__(self, interrupt: Interrupt, data: Any = None, files: Any = None) -> None:
        self.interrupt = interrupt
        self.is_approval = interrupt.type == "approval"
        self.decision = data.get("decision", "") if data is not None else ""
        self.request_id = (data.get("request_id") if data is not None else None) or uuid4().hex
        self.comment = Comment(data) if self.is_approval else None
        self.fields = self._fields(data, files)
        self.general: list[str] = []

    def _fields(self, data: Any, files: Any) -> SchemaForm | None:
        """The fields of the schema; an approval without one has none. A rejection does not fill them in."""
        schema = engine.plain_json(self.interrupt.response_schema)
        if self.is_approval and schema is None:
            return None
        bound = () if data is None else (data, files)
        return schema_form(
            schema if self.is_approval else answer_schema(self.interrupt),
            *bound,
            value=engine.plain_json(self.interrupt.initial) if self.interrupt.initial is not None else ABSENT,
            label="Your answer" if self.interrupt.type == "human_input" else "Answer (JSON)",
        )

    @property
    def is_multipart(self) -> bool:
        return self.fields is not None and self.fields.is_multipart()

    def is_valid(self) -> bool:
        if self.is_approval and self.decision not in (APPROVE, REJECT):
            self.general.append("Choose Approve or Reject.")
            return False
        comment = self.comment is None or self.comment.is_valid()
        fields = self.fields is None or self.decision == REJECT or self.fields.is_valid()
        return comment and fields

    @property
    def answer(self) -> Any:
        if self.comment is None:
            return self.fields.answer if self.fields else None
        answer: dict[str, Any] = {"approved": self.decision == APPROVE}
        if comment := self.comment.cleaned_data["comment"]:
            answer["comment"] = comment
        if self.fields and self.decision == APPROVE:
            answer["data"] = self.fields.answer
        return answer

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put each problem that the service found where it belongs."""
        for problem in problems:
            first, *rest = problem.path or ("",)
            if not self.is_approval and self.fields:
                self.fields.refuse([problem])
            elif first == "data" and self.fields:
                self.fields.refuse([Problem(tuple(rest), problem.message)])
            elif first == "comment" and self.comment:
                self.comment.add_error("comment", problem.message)
            else:
                self.general.append(problem.message)

    def point_at_first_error(self) -> None:
        if self.fields and self.fields.is_bound and self.decision != REJECT and self.fields.errors:
            self.fields.point_at_first_error()
        elif self.comment and self.comment.errors:
            self.comment.fields["comment"].widget.attrs["autofocus"] = True
