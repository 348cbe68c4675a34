"""The sentences that templates, code and scripts ask to be translated."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
CODE = ("flows", "approvals_site")
ARGUMENTS = {  # of each function: where its context, its sentence and its plural stand
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
CALL = re.compile(rf"\b_?({'|'.join(ARGUMENTS)}|_)\(")
Entry = tuple[str, str, str]  # context, sentence and plural, "" where there is none


def everything() -> dict[Entry, Path]:
    """Each sentence with a file that it stands in."""
    found: dict[Entry, Path] = {}
    for path in sources("*.py", CODE):
        found |= dict.fromkeys(in_code(path.read_text()), path)
    for path in sources("*.html", ("templates",)):
        found |= dict.fromkeys(in_template(path.read_text()), path)
    return found


def sources(pattern: str, folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in (ROOT / folder).rglob(pattern) if "migrations" not in path.parts)


def in_code(source: str) -> Iterator[Entry]:
    for node in ast.walk(ast.parse(source)):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if name in ARGUMENTS:
            yield from entry(name, node.args)


def in_template(source: str) -> Iterator[Entry]:
    """Django turns a template into something like code, of which only the calls count."""
    text = templatize(source)
    for match in CALL.finditer(text):
        call = text[match.start() : closing(text, match.end())].replace("\n", " ")
        name = "gettext" if match[1] == "_" else match[1]
        yield from entry(name, ast.parse(call.strip(), mode="eval").body.args)


def closing(text: str, start: int) -> int:
    """Where the call that begins before `start` ends: the first end at which it can be read."""
    end = start
    while True:
        end = text.index(")", end) + 1
        try:
            ast.parse("f(" + text[start:end].replace("\n", " "), mode="eval")
        except SyntaxError:
            continue
        return end


def entry(name: str, arguments: list[ast.expr]) -> Iterator[Entry]:
    """Nothing for a sentence that is not written out there: it is marked where it is."""
    places = ARGUMENTS[name]
    texts = [arguments[place] if place is not None else ast.Constant("") for place in places]
    if all(isinstance(text, ast.Constant) for text in texts):
        yield tuple(text.value for text in texts)
