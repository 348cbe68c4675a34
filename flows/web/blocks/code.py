"""`{"type": "code", "text": …, "language": …}`: lines with numbers, coloured where the language is known."""

from dataclasses import dataclass
from typing import Any

from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from flows.web.blocks.block import text_in, word_in

LANGUAGES = {
    *("bash", "c", "cpp", "csharp", "css", "diff", "docker", "go", "graphql", "html", "ini", "java"),
    *("javascript", "js", "json", "kotlin", "markdown", "md", "nginx", "php", "postgresql", "powershell"),
    *("properties", "py", "python", "ruby", "rust", "sh", "shell", "sql", "swift", "terraform", "toml"),
    *("ts", "typescript", "xml", "yaml", "yml"),
}
LONGEST = 40_000  # characters that are coloured
LONGEST_LINE = 1_000

Piece = tuple[str, str]  # (css class, text)


@dataclass(frozen=True, slots=True)
class Code:
    name: str
    language: str
    lines: list[list[Piece]]
    text: str


def read(item: dict[str, Any]) -> Code:
    text = text_in(item, "text" if "text" in item else "code", "code")
    language = word_in(item, "language").lower()
    text = text.replace("\r\n", "\n").removesuffix("\n")
    return Code(word_in(item, "name"), language, lines_of(text, language), text)


def lines_of(text: str, language: str) -> list[list[Piece]]:
    lines = text.split("\n")
    short = len(text) <= LONGEST and all(len(line) <= LONGEST_LINE for line in lines)
    if language not in LANGUAGES or not short:
        return [[("", line)] for line in lines]
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return [[("", line)] for line in lines]
    coloured: list[list[Piece]] = [[]]
    for token, value in lex(text, lexer):
        first, *others = value.split("\n")
        coloured[-1].append((css_of(token), first))
        coloured.extend([(css_of(token), line)] for line in others)
    return coloured


def css_of(token: Any) -> str:
    """Pygments' short class of a kind of token, or of what it is a kind of."""
    while token not in STANDARD_TYPES:
        token = token.parent
    return str(STANDARD_TYPES[token])
