"""Whose inbox, and which part of it: conditions on an entry `e` of the inbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.store.inbox.sql import SQL, joined

# Read once for a query, by the unique index on person and interrupt.
NOT_SNOOZED = """e.interrupt_id NOT IN (SELECT s.interrupt_id FROM flows_snooze s
    WHERE s.user_id = %s AND s.until > now())"""
# What the person has approved, and waits for others now. By the index on who voted.
NOT_VOTED = """e.interrupt_id NOT IN (SELECT v.interrupt_id FROM flows_vote v
    JOIN flows_interrupt vq ON vq.id = v.interrupt_id AND vq.status = 'waiting' AND vq.stage = v.stage
    WHERE v.by_id = %s)"""
VALUE = """('''' || replace(replace('=' || %s::text || '=' || flows_value(%s), '\\', '\\\\'), '''', '''''')
    || ''':*')::tsquery"""
PERSON = "SELECT u.id FROM auth_user u WHERE u.username = %s"


@dataclass(frozen=True, slots=True)
class Scope:
    """A person (`user_id`) looking through these audience tokens; None: at everything, as a superuser.

    `snoozed`: what they have put aside instead of what they have not.
    """

    user_id: int
    tokens: tuple[str, ...] | None
    snoozed: bool = False

    def condition(self) -> SQL:
        """What the person may see of it, whatever the token."""
        not_own = SQL("e.excluded_id IS DISTINCT FROM %s", (self.user_id,))
        aside = "z.user_id = %s AND z.until > now()" if self.snoozed else NOT_SNOOZED
        return joined(" AND ", [not_own, *(SQL(text, (self.user_id,)) for text in (aside, NOT_VOTED))])

    def parts(self) -> list[SQL]:
        """Conditions of index ranges that together hold each interrupt once."""
        if self.tokens is None:
            return [SQL("e.first")]
        return [self._part(index) for index in range(len(self.tokens))]

    def whole(self) -> SQL:
        """The same in one condition, which holds an interrupt of several tokens several times."""
        if self.tokens is None:
            return SQL("e.first")
        return SQL("e.token = ANY(%s::text[])", (list(self.tokens),))

    def _part(self, index: int) -> SQL:
        assert self.tokens is not None
        here = SQL("e.token = %s", (self.tokens[index],))
        if not index:
            return here
        earlier = SQL("(e.others IS NULL OR NOT e.others && %s::text[])", (list(self.tokens[:index]),))
        return joined(" AND ", [here, earlier])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None and () where it does not matter.

    `search` is what a person typed, each word found by its beginning; `values` are (path, beginning of
    the value) in the payload. Times are half-open: from `after` on, before `before`.
    """

    flow: str | None = None
    type: str | None = None
    requester: str | None = None  # a username
    priority: int | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None
    no_due: bool = False
    created_after: datetime | None = None
    created_before: datetime | None = None
    search: str = ""
    titled: tuple[str, ...] = ()  # flows whose titles hold the search
    values: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conditions())

    def conditions(self) -> SQL:
        """Conditions on an entry `e`; nothing when everything is wanted."""
        return joined(" AND ", [*self._columns(), *self._words()])

    def limits(self, column: str) -> list[SQL]:
        """Where the walk along an index that begins with this column, after the token, starts and ends."""
        of: dict[str, list[tuple[str, Any]]] = {
            "created_at": [
                ("e.created_at >= %s", self.created_after),
                ("e.created_at < %s", self.created_before),
            ],
            "due_at": [("e.due_at >= %s", self.due_after), ("e.due_at < %s", self.due_before)],
            "priority": [("e.priority = %s", self.priority)],
        }
        return [SQL(text, (value,)) for text, value in of[column] if value is not None]

    def _columns(self) -> list[SQL]:
        given: list[tuple[str, Any]] = [
            ("e.flow = %s", self.flow),
            ("e.type = %s", self.type),
            (f"e.requester_id = ({PERSON})", self.requester),
        ]
        found = [SQL(text, (value,)) for text, value in given if value is not None]
        found += [limit for column in ("priority", "due_at", "created_at") for limit in self.limits(column)]
        return [*found, SQL("e.due_at IS NULL")] if self.no_due else found

    def _words(self) -> list[SQL]:
        """By index entry_words; columns are looked for there as well, which finds the rare ones at once."""
        terms = [
            f"#{name}={value}"
            for name, value in (("flow", self.flow), ("type", self.type))
            if value is not None
        ]
        exact = [lexeme(term) for term in terms]
        found = [SQL("e.words @@ %s::tsquery", (" & ".join(exact),))] if exact else []
        found += [SQL(f"e.words @@ {VALUE}", (path.lower(), value)) for path, value in self.values]
        if self.requester is not None:
            by = f"('''#by=' || ({PERSON}) || '''')::tsquery"
            found.append(SQL(f"e.words @@ {by}", (self.requester,)))
        return [*found, self._search()] if self.search else found

    def _search(self) -> SQL:
        if not self.titled:
            return SQL("e.words @@ flows_sought(%s)", (self.search,))
        flows = " | ".join(lexeme(f"#flow={name}") for name in self.titled)
        return SQL("e.words @@ (flows_sought(%s) || %s::tsquery)", (self.search, flows))


def lexeme(text: str) -> str:
    """One lexeme as a tsquery writes it."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
