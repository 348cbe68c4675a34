"""The pages that are measured, and the budget of each (DESIGN.md, 9)."""

from dataclasses import dataclass

PAGE_1000 = 999 * 50  # rows before it


@dataclass(frozen=True)
class Page:
    """One address for one person; `deep` pages begin after so many rows. Milliseconds at the 95th percentile;
    None where DESIGN.md has none."""

    name: str
    person: str
    query: str
    budget: float | None
    deep: int = 0


PAGES = (
    Page("first page", "fiona", "", 60),
    Page("first page, superuser", "admin", "", 60),
    Page("first page, due first", "fiona", "sort=due", 60),
    Page("first page, urgent first", "fiona", "sort=priority", 60),
    Page("first page of who is in five groups", "leo", "", 60),
    Page("a group with old items only", "rita", "view=groups", 60),
    Page("page 1,000", "fiona", "", 60, PAGE_1000),
    Page("page 1,000, superuser", "admin", "", 60, PAGE_1000),
    Page("page 1,000, oldest first", "fiona", "sort=oldest", 60, PAGE_1000),
    Page("page 1,000, due first", "fiona", "sort=due", 60, PAGE_1000),
    Page("page 1,000, urgent first", "fiona", "sort=priority", 60, PAGE_1000),
    Page("filter: most common flow", "fiona", "flow=purchase", 80),
    Page("filter: rare flow", "leo", "flow=document_review", 80),
    Page("filter: flow that is not there", "fiona", "flow=nonsense", 80),
    Page("filter: requester", "fiona", "from=asks-19", 80),
    Page("filter: type", "leo", "kind=human_input", 80),
    Page("filter: urgent", "fiona", "priority=3", 80),
    Page("filter: overdue", "fiona", "due=overdue", 80),
    Page("filter: due today", "fiona", "due=today", 80),
    Page("filter: older than a week", "fiona", "age=older", 80),
    Page("filter: value in the payload", "fiona", "flow=refund&f.facts.Customer=meridian", 80),
    Page("filter: rare value in the payload", "fiona", "flow=refund&f.facts.Amount=472", 80),
    Page("search: frequent word", "fiona", "q=meridian", 150),
    Page("search: frequent word, due first", "fiona", "q=meridian&sort=due", 150),
    Page("search: rare word", "fiona", "q=0123456", 150),
    Page("search: two words", "fiona", "q=meridian+projector", 150),
    Page("search: Chinese", "fiona", "q=上海", 150),
    Page("search: one letter", "fiona", "q=m", 150),
    Page("search: word that is not there", "fiona", "q=zzzz", 150),
    Page("search: word that is not there, superuser", "admin", "q=zzzz&sort=due", 150),
    Page("no due date", "leo", "due=none", None),
    Page("overdue, newest first", "fiona", "due=overdue&sort=newest", None),
)
