"""Every text of a flow that people read, with what kind of text it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.flow.definition import Fact, Flow, Text
from bot.flow.draft import Draft
from bot.i18n.po import PoEntry

TextKind = Literal["say", "try again", "show text", "label", "fact"]


@dataclass(frozen=True, slots=True)
class WrittenText:
    """One text, its kind and the note for its translators."""

    text: Text
    kind: TextKind
    note: str = ""


def texts_of(flow: Flow) -> Iterator[WrittenText]:
    """The texts of one flow in file order; its facts are not among them."""
    for step in flow.steps.values():
        for text in step.say:
            yield WrittenText(text, "say", step.note)
        if step.show_text is not None:
            yield WrittenText(step.show_text, "show text", step.note)
        for text in step.try_again:
            yield WrittenText(text, "try again", step.note)
        for choice in step.choices:
            yield WrittenText(choice.label, "label", step.note)


def source_texts(drafts: Sequence[Draft], facts: Sequence[Fact]) -> list[PoEntry]:
    """All English texts of flows and facts as entries without translation: what flows.pot holds."""
    written = [one for draft in drafts for one in texts_of(draft.flow)]
    written += [WrittenText(fact.text, "fact") for fact in facts]
    return [PoEntry(one.text.context, one.text.source, "", one.text.mark, notes=one.note) for one in written]
