"""The field that fits a schema."""

from typing import Any

from django import forms
from django.utils.translation import gettext

from flows.web.forms import fields
from flows.web.forms.schema import Choice, Schema, choices, hints, resolve, text

FEW = 4
SHORT = 24  # characters of a label that may stand beside others
LONG = 200  # from this maxLength on, text gets an area


def field_for(schema: Schema, root: Schema, *, label: str, needed: bool) -> fields.JSONValue:
    """A field for a resolved `schema`; the JSON editor when none fits."""
    ui = hints(schema)
    options: dict[str, Any] = {
        "label": text(schema, "title") or label,
        "help_text": text(ui, "help") or text(schema, "description"),
        "required": needed,
        "error_messages": {"required": gettext("This is required.")},
    }
    field = _typed(schema, root, options)
    if placeholder := text(ui, "placeholder"):
        field.widget.attrs["placeholder"] = placeholder
    if "default" in schema and schema["default"] is not None:
        field.initial = field.from_json(schema["default"])
    return field


def _typed(schema: Schema, root: Schema, options: dict[str, Any]) -> fields.JSONValue:
    widget, kind = hints(schema).get("widget"), schema.get("type")
    if widget == "json":
        return fields.AnyJSON(**options)
    if (found := choices(schema)) is not None:
        return one_of(found, widget, options)
    if kind == "boolean":
        return fields.Check(**{**options, "required": False})
    if kind in ("integer", "number"):
        return number(schema, options)
    if kind == "string":
        return string(schema, widget, options)
    if kind == "array" and (found := choices(resolve(schema.get("items"), root))) is not None:
        return many_of(found, options)
    return fields.AnyJSON(**options)


def one_of(found: list[Choice], widget: Any, options: dict[str, Any]) -> fields.JSONValue:
    pairs = [(c.token, c.label) for c in found]
    if (len(found) > FEW and widget != "radio") or widget == "select":
        return fields.OneOf(choices=[("", gettext("Choose…")), *pairs], widget=forms.Select, **options)
    if not options["required"]:
        pairs = [("", gettext("No answer")), *pairs]
    field = fields.OneOf(choices=pairs, widget=forms.RadioSelect, **options)
    field.shape = "choices short" if all(len(label) <= SHORT for _, label in pairs) else "choices"
    return field


def many_of(found: list[Choice], options: dict[str, Any]) -> fields.JSONValue:
    pairs = [(c.token, c.label) for c in found]
    return fields.ManyOf(choices=pairs, widget=forms.CheckboxSelectMultiple, **{**options, "required": False})


def number(schema: Schema, options: dict[str, Any]) -> fields.JSONValue:
    field = fields.Number(whole=schema["type"] == "integer", **options)
    for word, attribute in (("minimum", "min"), ("maximum", "max")):
        if isinstance(schema.get(word), int | float):
            field.widget.attrs[attribute] = schema[word]
    return field


def string(schema: Schema, widget: Any, options: dict[str, Any]) -> fields.JSONValue:
    shape = schema.get("format")
    if widget == "file":
        return fields.TextFile(**options)
    if shape == "date":
        return fields.Date(**options)
    if shape == "date-time":
        return fields.Moment(**options)
    longest = schema.get("maxLength")
    if widget == "textarea" or shape == "textarea" or (isinstance(longest, int) and longest > LONG):
        return fields.Text(widget=forms.Textarea(attrs={"rows": 4}), **options)
    kinds = {"email": forms.EmailInput, "uri": forms.URLInput, "url": forms.URLInput}
    return fields.Text(widget=kinds.get(shape if isinstance(shape, str) else "", forms.TextInput), **options)
