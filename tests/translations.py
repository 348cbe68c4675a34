"""Bring the catalogs in locale/ up to date, without any tool but Python: python -m tests.translations

Adds sentences that are new, removes those that are gone, and compiles each .po into the .mo beside it.
"""

import os
from pathlib import Path

import django
import polib


def catalogs() -> list[Path]:
    from tests.extraction import ROOT

    return sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural


def update(path: Path) -> None:
    from tests.extraction import everything

    catalog, wanted = polib.pofile(str(path), wrapwidth=110), everything()
    kept = [entry for entry in catalog if key(entry) in wanted]
    new = sorted(wanted.keys() - {key(entry) for entry in kept})
    catalog[:] = sorted([*kept, *map(blank, new)], key=key)
    catalog.save()
    catalog.save_as_mofile(str(path.with_suffix(".mo")))
    print(f"{path}: {len(new)} new, {len(catalog.untranslated_entries())} without a translation")


def blank(wanted: tuple[str, str, str]) -> polib.POEntry:
    context, sentence, plural = wanted
    forms = {0: ""} if plural else {}
    flags = ["python-format"] if "%(" in sentence else []
    return polib.POEntry(
        msgctxt=context or None, msgid=sentence, msgid_plural=plural, msgstr_plural=forms, flags=flags
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "approvals_site.settings_test")
    django.setup()
    for path in catalogs():
        update(path)
