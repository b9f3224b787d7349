"""Sensitive topics: a flow that asks about them asks for permission first."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from bot.flow.definition import Fact, Flow
from bot.flow.draft import Draft
from bot.kernel.problems import Problem

SENSITIVE: Final = re.compile(
    r"\b(?:rape[ds]?|raped|sexual(?: violence| assault| abuse| orientation)|gender identity|torture[ds]?|traffick\w+|"
    r"hiv|suicid\w+|gay|lesbians?|bisexual|transgender|trans people|intersex|queer|same gender)\b",
    re.IGNORECASE,
)
"""Words of topics that a person may not want on the screen now (C3)."""


def lint_sensitive(drafts: Sequence[Draft], facts: Sequence[Fact]) -> Iterator[Problem]:
    """A problem for each flow that speaks of a sensitive topic without `sensitive: true`.

    Flows behind an entry are spared: they are reached in need, and asking first would stand in the way. So are
    flows that are only reached from flows that ask.
    """
    texts = {fact.id: fact.text.source for fact in facts}
    spared = _asked_before(drafts)
    for draft in drafts:
        flow = draft.flow
        if flow.sensitive or flow.entry or flow.id in spared:
            continue
        word = _word(flow, texts)
        if word is not None:
            yield Problem(
                "F506",
                flow.mark,
                f"'{flow.id}' speaks of '{word}' and does not ask permission first",
                "write 'sensitive: true' at the top",
            )


def _asked_before(drafts: Sequence[Draft]) -> frozenset[str]:
    """Flows that are reached from other flows, all of which have asked permission."""
    asking = {draft.flow.id for draft in drafts if draft.flow.sensitive}
    callers: dict[str, set[str]] = {}
    for draft in drafts:
        for reference in draft.references:
            if reference.kind == "flow":
                callers.setdefault(reference.name, set()).add(draft.flow.id)
    return frozenset(name for name, found in callers.items() if found <= asking)


def _word(flow: Flow, facts: dict[str, str]) -> str | None:
    for step in flow.steps.values():
        sources = [text.source for text in step.say]
        sources += [choice.label.source for choice in step.choices if step.ask is not None]
        sources += [facts[fact] for fact in step.facts if fact in facts]
        for source in sources:
            found = SENSITIVE.search(source)
            if found is not None:
                return found[0]
    return None
