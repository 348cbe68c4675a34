"""Every sentence can be said in every language: `python -m tests.translations` brings catalogs up to date."""

import re
from pathlib import Path

import polib
import pytest

from tests.extraction import ROOT, everything, in_code, in_template, sources
from tests.translations import catalogs, key

PLACEHOLDERS = re.compile(r"%\(\w+\)s|#|</?\w+[^>]*>")
TRANSLATED = re.compile(r"{%-? ?blocktranslate.*?endblocktranslate %}", re.DOTALL)
MARKUP = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}|<!doctype html>", re.DOTALL)
SPOKEN = re.compile(
    r'(?:aria-label|placeholder|title|alt|data-(?:off|out|away|done|failed|unsaved|when-closed))="([^"]*)"'
)
TAG = re.compile(r"<[^>]*>", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2}")
SAID_EVERYWHERE = {"POST"}
of_each_language = pytest.mark.parametrize("path", catalogs(), ids=lambda path: path.parts[-3])


@of_each_language
def test_a_catalog_holds_exactly_what_is_said(path: Path) -> None:
    assert {key(entry) for entry in polib.pofile(str(path))} == set(everything())


@of_each_language
def test_every_sentence_has_a_translation_with_the_same_places(path: Path) -> None:
    for entry in polib.pofile(str(path)):
        assert entry.translated(), entry.msgid
        assert "fuzzy" not in entry.flags, entry.msgid
        for said in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            wanted = PLACEHOLDERS.findall(entry.msgid_plural or entry.msgid)
            assert sorted(PLACEHOLDERS.findall(said)) == sorted(wanted), entry.msgid


@of_each_language
def test_what_is_compiled_fits_what_is_written(path: Path) -> None:
    written = {key(e): (e.msgstr, e.msgstr_plural) for e in polib.pofile(str(path))}
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert {key(e): (e.msgstr, e.msgstr_plural) for e in compiled} == written


def test_no_template_has_words_that_cannot_be_translated() -> None:
    bare = {
        str(path.relative_to(ROOT)): words_in(path.read_text()) for path in sources("*.html", ("templates",))
    }
    assert {path: words for path, words in bare.items() if words} == {}


def words_in(template: str) -> list[str]:
    """What stands in a template as it is, between tags or in attributes that people see or hear."""
    text = MARKUP.sub("", TRANSLATED.sub("", template))
    said = [*SPOKEN.findall(text), *TAG.sub("\n", text).split("\n")]
    bare = [words.strip() for words in said if WORD.search(words)]
    return [words for words in bare if words not in SAID_EVERYWHERE]


def test_words_in_a_template_would_be_noticed() -> None:
    assert words_in('<p title="Why">{% translate "Well" %} {{ name }} said</p>') == ["Why", "said"]


def test_sentences_are_found_wherever_they_stand() -> None:
    template = (
        '{% load i18n %}{% translate "one (1)" %} {% translate "two" context "on" %}'
        "{% blocktranslate count n=3 with who=x|y:1 %}{{ who }} day{% plural %}{{ who }} days"
        "{% endblocktranslate %}"
    )
    assert set(in_template(template)) == {
        ("", "one (1)", ""),
        ("on", "two", ""),
        ("", "%(who)s day", "%(who)s days"),
    }
    code = 'gettext("a")\nngettext("b", "bs", 2)\npgettext("c", "d")\nX = gettext_noop("e")\ngettext(name)'
    assert set(in_code(code)) == {("", "a", ""), ("", "b", "bs"), ("c", "d", ""), ("", "e", "")}
