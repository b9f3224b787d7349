"""Every text of a flow that people read, with what kind of text it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.flow.definition import Fact, Flow, Text
from bot.flow.draft import Draft
from bot.flow.lint.choices import LABEL
from bot.i18n.po import PoEntry

TextKind = Literal["say", "try again", "show text", "label", "fact"]

FOR_LABELS: Final = f"A choice. At most {LABEL} characters."
FOR_CRITICAL: Final = "Safety critical: served in English until it is reviewed."
FOR_FACTS: Final = (
    "A checked fact. Numbers, names and links stay exactly. Served in English until it is reviewed."
)


@dataclass(frozen=True, slots=True)
class WrittenText:
    """One text, its kind, the note for its translators and whether safety depends on it."""

    text: Text
    kind: TextKind
    note: str = ""
    critical: bool = False


def texts_of(flow: Flow) -> Iterator[WrittenText]:
    """The texts of one flow in file order; its facts are not among them."""
    for step in flow.steps.values():
        critical = flow.safety_critical or step.safety_critical
        for text in step.say:
            yield WrittenText(text, "say", step.note, critical)
        if step.show_text is not None:
            yield WrittenText(step.show_text, "show text", step.note, critical)
        for text in step.try_again:
            yield WrittenText(text, "try again", step.note, critical)
        for choice in step.choices:
            yield WrittenText(choice.label, "label", step.note, critical)


def source_texts(drafts: Sequence[Draft], facts: Sequence[Fact]) -> list[PoEntry]:
    """All English texts of flows and facts as entries without translation: what flows.pot holds."""
    written = [one for draft in drafts for one in texts_of(draft.flow)]
    written += [WrittenText(fact.text, "fact") for fact in facts]
    return [_entry(one) for one in written]


def _entry(written: WrittenText) -> PoEntry:
    text, mark = written.text, written.text.mark
    notes = [written.note.strip()] if written.note.strip() else []
    notes += [FOR_LABELS] * (written.kind == "label")
    notes += [FOR_FACTS] * (written.kind == "fact")
    notes += [FOR_CRITICAL] * written.critical
    return PoEntry(
        text.context,
        text.source,
        "",
        mark,
        ("python-brace-format",) if text.placeholders else (),
        "\n".join(notes),
        references=(f"{mark.file}:{mark.line}",),
    )
