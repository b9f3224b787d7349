"""The twelve rescue sentences of a language on one page, for a native reader who knows no PO files."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.i18n.po import PoEntry
from bot.i18n.reviews import reviews
from bot.kernel.messages import Direction

_NOT_YET: Final = "(not translated yet)"


def rescue_page(
    code: str, name: str, direction: Direction, sources: Sequence[PoEntry], written: Sequence[PoEntry]
) -> str:
    """The page in Markdown. The same texts always give the same page."""
    return "\n".join(_lines(code, name, direction, sources, written)) + "\n"


def _lines(
    code: str, name: str, direction: Direction, sources: Sequence[PoEntry], written: Sequence[PoEntry]
) -> Iterator[str]:
    known = {entry.context: entry for entry in written}
    yield f"# Twelve sentences in {name} ({code})"
    yield ""
    yield "For someone who grew up with this language. It takes ten minutes. Please read each sentence aloud and ask:"
    yield "would a frightened person understand it at once? Could it hurt or out somebody? Does it sound like a person?"
    yield "Does it avoid saying the reader's gender? Is it the same as the English?"
    yield ""
    yield f"Send what you would change, and the name or working name we may write down. It then goes into `{code}/ui.po`."
    yield "This page is written by `fener translations update`; remarks belong in a copy of it."
    for number, source in enumerate(sources, 1):
        entry = known.get(source.context)
        current = entry is not None and entry.text and not entry.fuzzy and entry.source == source.source
        yield ""
        yield f"## {number}. {source.source}"
        yield ""
        text = entry.text if entry is not None and current else _NOT_YET
        yield f'<p dir="{direction}" lang="{code}">{text}</p>' if current else text
        yield ""
        yield f"`{source.context}` · {_state(entry) if entry is not None and current else 'missing'}"


def _state(entry: PoEntry) -> str:
    if entry.unreviewed:
        return "not reviewed yet"
    readers = ", ".join(f"{review.name} on {review.date}" for review in reviews(entry))
    return f"reviewed by {readers}" if readers else "reviewed, by nobody named"
