"""The form itself: fields from the schema in, JSON out, and the schema's own validator as the only judge."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from flows.services.errors import Problem
from flows.services.schemas import mistake_in, problems_of
from flows.web.forms import fields
from flows.web.forms.build import field_for
from flows.web.forms.fields import ABSENT
from flows.web.forms.schema import Schema, is_flat, ordered, required, resolve, text

Path = tuple[str | int, ...]
WHOLE = "value"  # the field that holds the whole value, and the prefix of all others


@dataclass
class Group:
    """One nested object, drawn as a fieldset."""

    title: str
    help: str
    names: list[str] = field(default_factory=list)


class SchemaForm(forms.Form):
    """Call `is_valid()`, then read `answer`; hand what a service objects to to `refuse`."""

    use_required_attribute = False

    def __init__(
        self, *args: Any, schema: Schema | None, value: Any = ABSENT, label: str = "JSON", **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.schema = schema
        self.answer: Any = ABSENT
        self.paths: dict[str, Path] = {}
        self.made: dict[str, fields.JSONValue] = {}
        self.needed: set[Path] = {()}  # objects that are there even when nothing in them is
        self.layout: list[str | Group] = []
        self._build(resolve(schema, schema) if schema is not None else {}, label)
        if value is not ABSENT and value is not None:
            self._show(value)

    def _build(self, root: Schema, label: str) -> None:
        if not is_flat(root, root):
            needed = self.schema is not None
            made = field_for(root, self.schema or {}, label=text(root, "title") or label, needed=needed)
            if not needed:
                made.help_text = "Any JSON. Leave it empty for none."
            self.layout.append(self._add(WHOLE, (), made))
            return
        for name, sub in ordered(root, self.schema or {}):
            if is_flat(sub, self.schema or {}) and "type" in sub:
                self.layout.append(self._group(name, sub, needed=name in required(root)))
            else:
                self.layout.append(self._property((name,), sub, needed=name in required(root)))

    def _group(self, name: str, schema: Schema, *, needed: bool) -> Group:
        group = Group(text(schema, "title") or spoken(name), text(schema, "description"))
        if needed:
            self.needed.add((name,))
        for key, sub in ordered(schema, self.schema or {}):
            within = needed and key in required(schema)
            group.names.append(self._property((name, key), sub, needed=within))
        return group

    def _property(self, path: tuple[str, ...], schema: Schema, *, needed: bool) -> str:
        must = needed and not schema.get("nullable")
        made = field_for(schema, self.schema or {}, label=spoken(path[-1]), needed=must)
        return self._add(field_name(path), path, made)

    def _add(self, name: str, path: Path, made: fields.JSONValue) -> str:
        self.fields[name] = self.made[name] = made
        self.paths[name] = path
        return name

    def _show(self, value: Any) -> None:
        for name, path in self.paths.items():
            found = at(value, path)
            if found is not ABSENT and found is not None:
                self.made[name].initial = self.made[name].from_json(found)

    def clean(self) -> dict[str, Any]:
        self.answer = self._gather()
        if not self.errors and self.schema is not None and mistake_in(self.schema) is None:
            self.refuse(problems_of(self.answer, self.schema))
        return self.cleaned_data

    def _gather(self) -> Any:
        values = {
            path: self.made[name].to_json(self.cleaned_data[name])
            for name, path in self.paths.items()
            if name in self.cleaned_data
        }
        if () in values:
            return None if values[()] is ABSENT else values[()]
        return assemble(values, self.needed)

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
        """What the template draws: {"field": …} or {"group": …, "fields": […]}."""
        for entry in self.layout:
            if isinstance(entry, Group):
                yield {"group": entry, "fields": [self[name] for name in entry.names]}
            else:
                yield {"field": self[entry]}

    def point_at_first_error(self) -> None:
        """Let the browser put the cursor where the first error is."""
        wrong: BoundField | None = next((self[name] for name in self.paths if name in self.errors), None)
        if wrong is not None:
            wrong.field.widget.attrs["autofocus"] = True


def schema_form(schema: Schema | None, *args: Any, value: Any = ABSENT, label: str = "JSON") -> SchemaForm:
    """The form of `schema`, bound when request data follows; None draws the JSON editor."""
    return SchemaForm(*args, schema=schema, value=value, label=label)


def assemble(values: dict[Path, Any], needed: set[Path]) -> dict[str, Any]:
    """The object with these values at these paths. An optional inner object with nothing said is left out."""
    result: dict[str, Any] = {}
    inner: dict[str, dict[str, Any]] = {}
    said: set[str] = {str(path[0]) for path in needed if path}
    for path, value in values.items():
        if value is ABSENT:
            continue
        if len(path) == 1:
            result[str(path[0])] = value
            continue
        inner.setdefault(str(path[0]), {})[str(path[1])] = value
        if value is not False and value != []:
            said.add(str(path[0]))
    return result | {name: inner.get(name, {}) for name in said}


def at(value: Any, path: Path) -> Any:
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return ABSENT
        value = value[part]
    return value


def ancestors(path: Path) -> Iterator[Path]:
    for length in range(len(path), -1, -1):
        yield path[:length]


def spoken(name: str) -> str:
    return name.replace("_", " ").strip().capitalize() or name


def field_name(path: tuple[str, ...]) -> str:
    """A name that no other path has, fit for an HTML id: odd characters become ~hex~."""
    return ".".join((WHOLE, *("".join(c if is_plain(c) else f"~{ord(c):x}~" for c in part) for part in path)))


def is_plain(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "_-")
