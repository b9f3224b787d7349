"""PO entries as the text of a PO or POT file: the same entries always give the same text, so that versions compare.

Source: GNU gettext manual, "The Format of PO Files". Lines are broken only where the text has a line break.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.i18n.po import PoEntry, PoHeader

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def write_po(header: PoHeader, entries: Sequence[PoEntry]) -> str:
    """A whole file: `parse_po` reads the same entries back, and `parse_header` the same header."""
    head = [f"# {line}".rstrip() for line in header.comments]
    head += ['msgid ""', 'msgstr ""', *(_quoted(f"{line}\n") for line in header.fields)]
    blocks = ["\n".join(head), *("\n".join(_lines(entry)) for entry in entries)]
    return "\n\n".join(blocks) + "\n"


def _lines(entry: PoEntry) -> Iterator[str]:
    for line in entry.comments:
        yield f"# {line}".rstrip()
    for line in entry.notes.split("\n") if entry.notes else ():
        yield f"#. {line}".rstrip()
    for reference in entry.references:
        yield f"#: {reference}"
    if entry.flags:
        yield f"#, {', '.join(entry.flags)}"
    if entry.previous:
        yield from (f"#| {line}" for line in _keyed("msgid", entry.previous))
    if entry.context:
        yield from _keyed("msgctxt", entry.context)
    yield from _keyed("msgid", entry.source)
    if not entry.source_plural:
        yield from _keyed("msgstr", entry.text)
        return
    yield from _keyed("msgid_plural", entry.source_plural)
    for number, text in enumerate((entry.text, *entry.plurals)):
        yield from _keyed(f"msgstr[{number}]", text)


def _keyed(key: str, text: str) -> Iterator[str]:
    """A keyword and its text; one with line breaks begins on the next line, as gettext writes it."""
    pieces = text.split("\n")
    if len(pieces) == 1:
        yield f"{key} {_quoted(text)}"
        return
    yield f'{key} ""'
    for piece in pieces[:-1]:
        yield _quoted(f"{piece}\n")
    if pieces[-1]:
        yield _quoted(pieces[-1])


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'
