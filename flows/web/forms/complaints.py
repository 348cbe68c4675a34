"""What is wrong in a form, for the summary above it: each links to its field."""

from dataclasses import dataclass

from django import forms
from django.forms.boundfield import BoundField


@dataclass(frozen=True, slots=True)
class Complaint:
    """`target` is the id of a control, "" for what concerns the whole form."""

    target: str
    label: str
    message: str


def complaint(field: BoundField, message: str, place: str = "") -> Complaint:
    label = f"{place}, {str(field.label).lower()}" if place else str(field.label)
    return Complaint(control_id(field), label, message)


def control_id(field: BoundField) -> str:
    """The id of the control, or of the first of several."""
    several = isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return f"{field.auto_id}_0" if several else str(field.auto_id)
