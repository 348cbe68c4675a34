"""Reading the inbox: a page of it in any order, and how much there is. `listing` builds the one query."""

from flows.store.inbox.closed import closed_page
from flows.store.inbox.listing import PAGE, Found, ids, page
from flows.store.inbox.orders import ORDERS, Cursor
from flows.store.inbox.scope import Scope, Wanted
from flows.store.inbox.totals import MOST_COUNTED, Totals, totals

__all__ = [
    "MOST_COUNTED",
    "ORDERS",
    "PAGE",
    "Cursor",
    "Found",
    "Scope",
    "Totals",
    "Wanted",
    "closed_page",
    "ids",
    "page",
    "totals",
]
