"""Rows whose owner is gone: foreign keys forbid it, a superuser or a damaged restore may not."""

from flows.store.invariants.invariant import Invariant, Subject, of_one

OWNERS: tuple[tuple[Subject, str], ...] = (
    ("interrupt", "execution"),
    ("response", "execution"),
    ("response", "interrupt"),
    ("vote", "execution"),
    ("vote", "interrupt"),
    ("event", "execution"),
    ("event", "interrupt"),
    ("message", "execution"),
)


def _orphans(table: str, column: str, parent: str) -> str:
    return (
        f"SELECT r.id FROM {table} r LEFT JOIN {parent} p ON p.id = r.{column} "  # noqa: S608
        f"WHERE r.{column} IS NOT NULL AND p.id IS NULL AND {of_one('r.execution_id')}"
    )


BELONGING = tuple(
    Invariant(
        f"{subject}_has_its_{owner}",
        f"Every {subject} belongs to {'an' if owner[0] in 'ei' else 'a'} {owner} that is there.",
        subject,
        _orphans(f"flows_{subject}", f"{owner}_id", f"flows_{owner}"),
        testifies=(subject, owner) == ("event", "execution"),
    )
    for subject, owner in OWNERS
)
