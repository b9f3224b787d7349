"""What is wrong with flows that parse: names, ways, slots, entries, facts and wording. The way in: `lint_flows`."""

from collections.abc import Sequence

from bot.flow.definition import Fact
from bot.flow.draft import Draft
from bot.flow.lint.choices import lint_choices
from bot.flow.lint.entries import lint_entries
from bot.flow.lint.facts import lint_facts
from bot.flow.lint.names import lint_names
from bot.flow.lint.paths import lint_calls, lint_paths
from bot.flow.lint.person import lint_way_to_a_person
from bot.flow.lint.sensitive import lint_sensitive
from bot.flow.lint.slots import lint_slots
from bot.flow.lint.texts import source_texts
from bot.flow.lint.values import lint_values
from bot.flow.lint.wording import lint_text, lint_wording
from bot.flow.lint.world import World
from bot.kernel.problems import Problem

__all__ = ["World", "lint_flows", "source_texts"]


def lint_flows(drafts: Sequence[Draft], facts: Sequence[Fact], world: World) -> list[Problem]:
    """Every problem of the flows of one content folder. `facts` are all facts, those inside flows too."""
    return [
        *lint_entries(drafts),
        *lint_names(drafts, facts, world),
        *(problem for draft in drafts for problem in lint_paths(draft, world)),
        *lint_calls(drafts, world),
        *(problem for draft in drafts for problem in lint_slots(draft, world)),
        *lint_values(drafts),
        *lint_way_to_a_person(drafts, world),
        *lint_sensitive(drafts, facts),
        *(problem for draft in drafts for problem in lint_wording(draft, world)),
        *(problem for fact in facts for problem in lint_text(fact.text, "fact")),
        *(problem for draft in drafts for problem in lint_choices(draft, world)),
        *lint_facts(drafts, facts, world),
    ]
