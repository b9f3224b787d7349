"""gettext PO files to entries with line numbers. A fault costs one entry, never the file.

Own parser and not Babel's: Babel's prints warnings, drops lines silently and gives no place for a fault.
Source: GNU gettext manual, "The Format of PO Files".
"""

import re
from dataclasses import dataclass, field
from typing import Final

from bot.kernel.problems import Mark, Problem

UNREVIEWED: Final = "unreviewed"
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_KEYWORD: Final = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d)\])?\s*(?=")')


@dataclass(frozen=True, slots=True)
class PoEntry:
    """One message. `text` is the translation, `plurals` its further forms, `notes` what translators read.

    `comments` are what translators wrote (`# ...`), `references` places in the source (`#: file:line`), `previous`
    the source that a fuzzy translation was made from (`#| msgid`).
    """

    context: str
    source: str
    text: str
    mark: Mark
    flags: tuple[str, ...] = ()
    notes: str = ""
    source_plural: str = ""
    plurals: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    previous: str = ""

    @property
    def fuzzy(self) -> bool:
        """Whether the source changed after the translation was written."""
        return "fuzzy" in self.flags

    @property
    def unreviewed(self) -> bool:
        """Whether no person has read the translation yet."""
        return UNREVIEWED in self.flags


@dataclass(frozen=True, slots=True)
class PoHeader:
    """What stands above the entries: comment lines without their `#`, and fields such as `Language: sr`."""

    comments: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class _Draft:
    """An entry while its lines are read."""

    line: int = 0
    flags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    previous: list[str] = field(default_factory=list)
    previous_open: bool = False
    texts: dict[str, str] = field(default_factory=dict)
    open_key: str = ""
    broken: bool = False


def parse_po(text: str, file: str) -> tuple[list[PoEntry], list[Problem]]:
    """The entries of a PO or POT file without its header, and what could not be read."""
    reader = _read(text, file)
    return reader.entries, reader.problems


def parse_header(text: str) -> PoHeader:
    """The header of a PO or POT file; an empty one where there is none."""
    return _read(text, "").header


def _read(text: str, file: str) -> "_Reader":
    reader = _Reader(file)
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        reader.take(number, line.strip())
    reader.finish()
    return reader


class _Reader:
    """Takes lines, gives entries."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.header = PoHeader()
        self.entries: list[PoEntry] = []
        self.problems: list[Problem] = []
        self._draft = _Draft()
        self._seen: dict[tuple[str, str], Mark] = {}

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        if not line or line.startswith("#"):
            if self._draft.texts:
                self.finish()
            self._comment(line)
            return
        keyword = _KEYWORD.match(line)
        if keyword:
            key = keyword[1] + (f"[{keyword[2]}]" if keyword[2] else "")
            starts_anew = keyword[1] == "msgctxt" or (keyword[1] == "msgid" and "msgid" in self._draft.texts)
            if starts_anew and self._draft.texts:
                self.finish()
            self._open(key, number)
            line = line[keyword.end() :]
        quoted = _QUOTED.fullmatch(line)
        if quoted is None or not self._draft.open_key:
            self._fault(
                "T201", number, "this line is not part of a PO file", 'write msgid "..." or msgstr "..."'
            )
            self._draft.broken = True
            return
        self._draft.texts[self._draft.open_key] += _ESCAPE.sub(_unescape, quoted[1])

    def finish(self) -> None:
        """Close the entry that is open."""
        draft, self._draft = self._draft, _Draft()
        if not draft.texts or draft.broken:
            return
        mark = Mark(self.file, draft.line, 1)
        context, source = draft.texts.get("msgctxt", ""), draft.texts.get("msgid", "")
        if "msgid" not in draft.texts or not ({"msgstr", "msgstr[0]"} & draft.texts.keys()):
            self._fault("T202", draft.line, "this entry has no msgid or no msgstr", "write both")
            return
        if not source and not context:
            fields = draft.texts.get("msgstr", "").split("\n")
            self.header = PoHeader(tuple(draft.comments), tuple(line for line in fields if line))
            return
        if (context, source) in self._seen:
            first = self._seen[context, source]
            self._fault("T203", draft.line, "this entry stands twice", f"keep one (the first is at {first})")
            return
        self._seen[context, source] = mark
        forms = [draft.texts[f"msgstr[{n}]"] for n in range(10) if f"msgstr[{n}]" in draft.texts]
        self.entries.append(
            PoEntry(
                context,
                source,
                draft.texts.get("msgstr", forms[0] if forms else ""),
                mark,
                tuple(draft.flags),
                "\n".join(draft.notes),
                draft.texts.get("msgid_plural", ""),
                tuple(forms[1:]),
                tuple(draft.comments),
                tuple(draft.references),
                "".join(draft.previous),
            )
        )

    def _comment(self, line: str) -> None:
        if line.startswith("#,"):
            self._draft.flags += [flag.strip() for flag in line[2:].split(",") if flag.strip()]
        elif line.startswith("#."):
            self._draft.notes.append(line[2:].strip())
        elif line.startswith("#:"):
            self._draft.references += line[2:].split()
        elif line.startswith("#|"):
            self._previous(line[2:].strip())
        elif line.startswith("#") and not line.startswith("#~"):
            self._draft.comments.append(line[1:].strip())

    def _previous(self, line: str) -> None:
        """A line of the source as it was; other former parts of an entry are not kept."""
        keyword = _KEYWORD.match(line)
        if keyword:
            self._draft.previous_open = keyword[1] == "msgid"
            line = line[keyword.end() :]
        quoted = _QUOTED.fullmatch(line)
        if quoted is not None and self._draft.previous_open:
            self._draft.previous.append(_ESCAPE.sub(_unescape, quoted[1]))

    def _open(self, key: str, number: int) -> None:
        draft = self._draft
        draft.line = draft.line or number
        if key in draft.texts:
            self._fault(
                "T201", number, f"{key} stands twice in one entry", "leave an empty line between entries"
            )
            draft.broken = True
        draft.texts[key] = ""
        draft.open_key = key

    def _fault(self, code: str, line: int, message: str, mend: str) -> None:
        self.problems.append(Problem(code, Mark(self.file, line, 1), message, mend))


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[1], match[0])
