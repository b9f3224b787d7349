"""Entries: exactly one flow for each, and no flow or fact twice."""

from collections.abc import Iterator, Sequence
from typing import Final, get_args

from bot.flow.definition import Entry
from bot.flow.draft import Draft
from bot.kernel.problems import Mark, Problem

OPTIONAL: Final[frozenset[Entry]] = frozenset({"one minute", "verify"})

_PURPOSE: Final = {
    "start": "a new conversation begins with",
    "menu": "shows the topics",
    "sos": "shows emergency numbers",
    "person": "leads to a person",
    "erase": "explains erasing",
    "language": "asks for the language",
    "crisis": "helps in a crisis",
}


def lint_entries(drafts: Sequence[Draft]) -> Iterator[Problem]:
    """Entries that are missing or doubled, and flows of the same name."""
    if not drafts:
        return
    owners: dict[str, tuple[str, Mark]] = {}
    flows: dict[str, Mark] = {}
    for draft in drafts:
        flow = draft.flow
        if flow.id in flows:
            yield Problem(
                "F115",
                flow.mark,
                f"there are two flows '{flow.id}'",
                f"rename one (the other is at {flows[flow.id]})",
            )
        flows.setdefault(flow.id, flow.mark)
        for entry in flow.entry:
            if entry in owners:
                name, mark = owners[entry]
                yield Problem(
                    "F307",
                    flow.mark,
                    f"'entry: {entry}' stands here and in '{name}'",
                    f"keep one (the other is at {mark})",
                )
            owners.setdefault(entry, (flow.id, flow.mark))
    first = min(draft.flow.mark for draft in drafts)
    for entry in get_args(Entry):
        if entry not in owners and entry not in OPTIONAL:
            mend = f"write 'entry: {entry}' in the flow that {_PURPOSE[entry]}"
            yield Problem("F306", first, f"no flow has 'entry: {entry}'", mend)
