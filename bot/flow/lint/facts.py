"""Facts that are not served, or soon will not be, and facts that stand twice."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from bot.flow.definition import Fact
from bot.flow.draft import Draft
from bot.flow.lint.world import World
from bot.kernel.problems import Mark, Problem

REMIND_DAYS: Final = 30
SERVED: Final = frozenset({"sourced", "reviewed"})

_WRITTEN: Final = date(1970, 1, 2)
"""Facts without a day carry an earlier one; the parser has reported them."""


def lint_facts(drafts: Sequence[Draft], facts: Sequence[Fact], world: World) -> Iterator[Problem]:
    """Lapses and states are warnings: the fact disappears by itself, the server still starts."""
    used = _used(drafts)
    seen: dict[str, Mark] = {}
    for fact in facts:
        if fact.id in seen:
            mend = f"keep one (the first is at {seen[fact.id]})"
            yield Problem("F210", fact.mark, f"there are two facts '{fact.id}'", mend)
        seen.setdefault(fact.id, fact.mark)
        if fact.expires_on >= _WRITTEN and fact.checked_on >= _WRITTEN:
            yield from _dates(fact, world.today)
        if fact.id in used and fact.state not in SERVED:
            yield Problem(
                "F604",
                fact.mark,
                f"the fact '{fact.id}' is {fact.state}, so people do not see it",
                "let an editor check its source, then write 'state: sourced' or 'state: reviewed'",
                "warning",
            )


def _used(drafts: Sequence[Draft]) -> frozenset[str]:
    return frozenset(
        reference.name for draft in drafts for reference in draft.references if reference.kind == "fact"
    )


def _dates(fact: Fact, today: date) -> Iterator[Problem]:
    mend = "read the source, then change 'checked on', 'expires on' and 'checked by'"
    if fact.checked_on > today + timedelta(days=1):
        message = f"the fact '{fact.id}' was checked on {fact.checked_on}, a day that has not come"
        yield Problem("F605", fact.mark, message, "write the day the source was read")
    if fact.expires_on < today:
        message = f"the fact '{fact.id}' lapsed on {fact.expires_on} and is not shown"
        yield Problem("F602", fact.mark, message, mend, "warning")
    elif fact.expires_on <= today + timedelta(days=REMIND_DAYS):
        message = f"the fact '{fact.id}' lapses on {fact.expires_on}"
        yield Problem("F603", fact.mark, message, mend, "warning")
