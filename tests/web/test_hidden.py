"""What nobody sees is shown; what belongs to a script or an emoji is left alone."""

import pytest

from flows.templatetags.hidden import isolated, marked, spelled
from flows.templatetags.payload import markdown

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    "character, label, name",
    [
        ("\u202e", "U+202E", "RIGHT-TO-LEFT OVERRIDE"),
        ("\u2066", "U+2066", "LEFT-TO-RIGHT ISOLATE"),
        ("\u200b", "U+200B", "ZERO WIDTH SPACE"),
        ("\ufeff", "U+FEFF", "ZERO WIDTH NO-BREAK SPACE"),
        ("\u00ad", "U+00AD", "SOFT HYPHEN"),
        ("\x1b", "U+001B", "ESCAPE"),
        ("\U000e0041", "U+E0041", "TAG LATIN CAPITAL LETTER A"),
        ("\u3164", "U+3164", "HANGUL FILLER"),
    ],
)
def test_a_hidden_character_becomes_a_chip_with_its_name(character: str, label: str, name: str) -> None:
    html = marked(f"pay{character}pal")
    assert character not in html
    assert f">{label}</span>" in html
    assert f'title="{label} {name}"' in html
    assert f'aria-label="hidden: {label} {name}"' in html


@pytest.mark.parametrize(
    "text", [FAMILY, SCOTLAND, "\u2764\ufe0f", "1\ufe0f\u20e3", "می\u200cخواهم", "क्\u200dष", "שלום", "مرحبا"]
)
def test_what_belongs_to_a_script_or_an_emoji_stays(text: str) -> None:
    assert marked(text) == text
    assert isolated(text) == f"<bdi>{text}</bdi>"


def test_a_joiner_between_latin_letters_is_shown() -> None:
    assert "U+200D" in marked("pay\u200dpal")


def test_a_run_is_one_chip() -> None:
    html = marked("a" + "\u200b" * 500 + "b")
    assert html.count("<span") == 1
    assert "500 hidden" in html
    assert "and 494 more" in html


def test_markup_stays_escaped() -> None:
    assert marked("<b>\u202e").startswith("&lt;b&gt;<span")
    assert isolated('"><i>') == "&quot;&gt;&lt;i&gt;"


def test_titles_spell_it_out() -> None:
    assert spelled("exe\u202egnp") == "exe[U+202E]gnp"


def test_markdown_shows_it_too_however_it_was_written() -> None:
    html = markdown("**a\u202eb** and &#x200B; [x](https://e.com/\u202e)")
    assert html.count("hidden-char") == 2
    assert 'href="https://e.com/%E2%80%AE"' in html
