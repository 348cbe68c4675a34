"""The form itself: fields from the schema in, JSON out, and the schema's own validator as the only judge."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext

from flows.services.errors import Problem
from flows.services.preferences import zone_named
from flows.services.schemas import mistake_in, problems_of
from flows.web.forms import fields
from flows.web.forms.assembly import ancestors, assemble, at, field_name
from flows.web.forms.build import field_for
from flows.web.forms.complaints import Complaint, complaint
from flows.web.forms.fields import ABSENT
from flows.web.forms.rows import MAX_ROWS, Path, Row, Rows, filled_in, ids_in, item_of, least_of, most_of
from flows.web.forms.schema import Schema, is_flat, ordered, required, resolve, spoken, text

WHOLE = "value"  # the field that holds the whole value, and the prefix of all others
ZONE = "zone"  # the time zone that the form was drawn in


@dataclass
class Group:
    """One nested object, drawn as a fieldset."""

    title: str
    help: str
    names: list[str] = field(default_factory=list)


class Unjudged:
    """A form that can show what was sent as it is."""

    _errors: Any
    cleaned_data: dict[str, Any]

    def as_typed(self) -> None:
        """From now on it has no errors, and nothing is read."""
        self._errors, self.cleaned_data = ErrorDict(), {}


class SchemaForm(Unjudged, forms.Form):
    """Call `is_valid()`, then read `answer`; hand what a service objects to to `refuse`.

    Times are read and shown in `zone`; None for that of the site.
    """

    use_required_attribute = False

    def __init__(
        self,
        *args: Any,
        schema: Schema | None,
        value: Any = ABSENT,
        label: str = "JSON",
        zone: tzinfo | None = None,
        root: str = WHOLE,
    ):
        super().__init__(*args)
        self.root = root  # what the names of all fields begin with
        self.schema = schema
        self.answer: Any = ABSENT
        self.paths: dict[str, Path] = {}
        self.made: dict[str, fields.JSONValue] = {}
        self.needed: set[Path] = {()}  # objects that are there even when nothing in them is
        self.layout: list[str | Group | Rows] = []
        self.zone = zone_named(self.data.get(ZONE)) or zone or timezone.get_current_timezone()
        with timezone.override(self.zone):
            self._build(resolve(schema, schema) if schema is not None else {}, value, label)
        if value is not ABSENT and value is not None:
            self._show(value)

    @property
    def tells_time(self) -> bool:
        return any(isinstance(made, fields.Moment) for made in self.made.values())

    # -- building ---------------------------------------------------------------
    def _build(self, root: Schema, value: Any, label: str) -> None:
        whole = self.schema or {}
        if is_flat(root, root):
            for name, sub in ordered(root, whole):
                self.layout.append(self._part(name, sub, at(value, (name,)), name in required(root)))
        elif (item := item_of(root, whole)) is not None:
            title = text(root, "title") or label
            self.layout.append(self._rows((), {**root, "title": title}, item, value, needed=True))
        else:
            self.layout.append(self._whole(root, label))

    def _whole(self, root: Schema, label: str) -> str:
        needed = self.schema is not None
        made = field_for(root, self.schema or {}, label=text(root, "title") or label, needed=needed)
        if not needed:
            made.help_text = gettext("Any JSON. Leave it empty for none.")
        return self._add(self.root, (), made)

    def _part(self, name: str, schema: Schema, value: Any, needed: bool) -> str | Group | Rows:
        if is_flat(schema, self.schema or {}) and "type" in schema:
            return self._group(name, schema, needed=needed)
        if (item := item_of(schema, self.schema or {})) is not None:
            return self._rows((name,), schema, item, value, needed=needed)
        return self._property((name,), schema, needed=needed)

    def _group(self, name: str, schema: Schema, *, needed: bool) -> Group:
        group = Group(text(schema, "title") or spoken(name), text(schema, "description"))
        if needed:
            self.needed.add((name,))
        for key, sub in ordered(schema, self.schema or {}):
            within = needed and key in required(schema)
            group.names.append(self._property((name, key), sub, needed=within))
        return group

    def _rows(self, path: Path, schema: Schema, item: Schema, value: Any, *, needed: bool) -> Rows:
        name = field_name(path, self.root)
        title = text(schema, "title") or spoken(str(path[-1]))
        rows = Rows(name, path, title, text(schema, "description"), needed, most=most_of(schema))
        self.fields[name] = fields.JSONValue(label=title, required=False)
        self.paths[name] = path
        shown = value if isinstance(value, list) else [None] * least_of(schema, needed=needed)
        for id in ids_in(self.data, name) if self.is_bound else range(len(shown)):
            rows.rows.append(self._row(rows, id, item))
        return rows

    def _row(self, rows: Rows, id: int, item: Schema) -> Row:
        row = Row(id)
        for key, sub in ordered(item, self.schema or {}):
            path = (*rows.path, id, key)
            row.names[key] = self._property(path, sub, needed=key in required(item))
        return row

    def _property(self, path: Path, schema: Schema, *, needed: bool) -> str:
        must = needed and not schema.get("nullable")
        made = field_for(schema, self.schema or {}, label=spoken(str(path[-1])), needed=must)
        return self._add(field_name(path, self.root), path, made)

    def _add(self, name: str, path: Path, made: fields.JSONValue) -> str:
        self.fields[name] = self.made[name] = made
        self.paths[name] = path
        return name

    def _show(self, value: Any) -> None:
        for name, made in self.made.items():
            found = at(value, self.paths[name])
            if found is not ABSENT and found is not None:
                made.initial = made.from_json(found)

    # -- reading ----------------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        self.answer = self._gather()
        if not self.errors and self.schema is not None and mistake_in(self.schema) is None:
            self.refuse(problems_of(self.answer, self.schema))
        return self.cleaned_data

    def _gather(self) -> Any:
        lists = {rows.path: self._gathered(rows) for rows in self.lists}
        rowed = {name for rows in self.lists for row in rows.rows for name in row.names.values()}
        values = {
            self.paths[name]: made.to_json(self.cleaned_data[name])
            for name, made in self.made.items()
            if name in self.cleaned_data and name not in rowed
        } | lists
        if () in values:
            return None if values[()] is ABSENT else values[()]
        return assemble(values, self.needed)

    def _gathered(self, rows: Rows) -> Any:
        """The list; rows in which nothing was said do not count, and need nothing."""
        items: list[dict[str, Any]] = []
        if len(rows.rows) > MAX_ROWS:
            told = gettext("At most %(most)s rows can be taken here.") % {"most": MAX_ROWS}
            self.add_error(rows.name, told)
        for row in rows.rows:
            if not filled_in(row, self):
                for name in row.names.values():
                    self._errors.pop(name, None)
                continue
            self.paths |= {name: (*rows.path, len(items), key) for key, name in row.names.items()}
            items.append(self._item(row))
        return items if items or rows.needed else ABSENT

    def _item(self, row: Row) -> dict[str, Any]:
        said = {
            key: self.made[name].to_json(self.cleaned_data[name])
            for key, name in row.names.items()
            if name in self.cleaned_data
        }
        return {key: value for key, value in said.items() if value is not ABSENT}

    @property
    def lists(self) -> list[Rows]:
        return [part for part in self.layout if isinstance(part, Rows)]

    # -- showing ----------------------------------------------------------------
    def refuse(self, found: Iterable[Problem]) -> None:
        """Put each problem next to the field nearest to it, or above the form."""
        names = {path: name for name, path in self.paths.items()}
        for problem in found:
            near = next((names[p] for p in ancestors(problem.path) if p in names), None)
            told = problem.message if problem.path in names or near is None else str(problem)
            if told not in self.errors.get(near or "__all__", ()):
                self.add_error(near, told)

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """What the template draws: {"field": …}, {"group": …, "fields": […]} or {"list": …, "rows": […]}."""
        for entry in self.layout:
            if isinstance(entry, Group):
                yield {"group": entry, "fields": [self[name] for name in entry.names]}
            elif isinstance(entry, Rows):
                drawn = [{"id": r.id, "fields": [self[n] for n in r.names.values()]} for r in entry.rows]
                yield {"list": entry, "rows": drawn, "field": self[entry.name]}
            else:
                yield {"field": self[entry]}

    @property
    def complaints(self) -> list[Complaint]:
        """Every error, in the order of the fields."""
        general = [Complaint("", "", str(told)) for told in self.non_field_errors()]
        return general + [
            complaint(self[name], str(told), self._place(name))
            for name in self.fields
            for told in self.errors.get(name, ())
        ]

    def _place(self, name: str) -> str:
        """Where a field of a list stands, such as "Lines 2"; "" for all others."""
        for rows in self.lists:
            for number, row in enumerate(rows.rows, start=1):
                if name in row.names.values():
                    return f"{rows.title} {number}"
        return ""

    def point_at_first_error(self) -> None:
        """Let the browser put the cursor where the first error is."""
        wrong: BoundField | None = next((self[name] for name in self.made if name in self.errors), None)
        if wrong is not None:
            wrong.field.widget.attrs["autofocus"] = True

    def point_at_row(self, list_name: str, id: int) -> None:
        """Let the browser put the cursor into this row of the list."""
        names = [
            row.names for rows in self.lists if rows.name == list_name for row in rows.rows if row.id == id
        ]
        for name in list(names[0].values())[:1] if names else ():
            self.fields[name].widget.attrs["autofocus"] = True


def schema_form(
    schema: Schema | None,
    *args: Any,
    value: Any = ABSENT,
    label: str = "JSON",
    zone: tzinfo | None = None,
) -> SchemaForm:
    """The form of `schema`, bound when request data follows; None draws the JSON editor."""
    return SchemaForm(*args, schema=schema, value=value, label=label, zone=zone)
