"""gettext PO files to entries with line numbers. A fault costs one entry, never the file.

Own parser and not Babel's: Babel's prints warnings, drops lines silently and gives no place for a fault.
Entries as gettext writes them are read whole (`_WHOLE`), which is several times as fast; all else line by line.
Source: GNU gettext manual, "The Format of PO Files".
"""

import re
from dataclasses import dataclass, field
from sys import intern
from typing import Final

from bot.kernel.problems import Mark, Problem

UNREVIEWED: Final = "unreviewed"
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_KEYWORD: Final = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d)\])?\s*(?=")')
_STRING: Final = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
_STRINGS: Final = rf"({_STRING}(?:\n{_STRING})*)\n"
_WHOLE: Final = re.compile(rf"((?:#[^\n]*\n)*)msgctxt {_STRINGS}msgid {_STRINGS}msgstr {_STRINGS}(?:\n|\Z)")
"""One entry between empty lines: comments, context, source and translation, with nothing unusual about it."""
_LONE_FLAG: Final = f"#, {UNREVIEWED}\n"
_UNREVIEWED_ONLY: Final = (UNREVIEWED,)
_WRITTEN: Final = re.compile(r"^#(?![.:,|~])", re.MULTILINE)
"""A comment that a translator wrote."""


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


def parse_po(text: str, file: str, *, notes: bool = True) -> tuple[list[PoEntry], list[Problem]]:
    """The entries of a PO or POT file without its header, and what could not be read.

    Without `notes` these, the references and the former source may be left out: serving texts needs none of them.
    """
    reader = _read(text, file, notes=notes)
    return reader.entries, reader.problems


def parse_header(text: str) -> PoHeader:
    """The header of a PO or POT file; an empty one where there is none."""
    return _read(text, "", notes=False).header


def _read(text: str, file: str, *, notes: bool) -> "_Reader":
    reader = _Reader(file, notes=notes)
    text = text.removeprefix("\ufeff")
    at, number = 0, 1
    while at <= len(text):
        whole = _WHOLE.match(text, at) if reader.idle else None
        if whole is not None:
            reader.take_whole(number, whole)
            end = whole.end()
            number += text.count("\n", at, end)
            at = end
            continue
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        reader.take(number, text[at:end].strip())
        number += 1
        at = end + 1
    reader.finish()
    return reader


class _Reader:
    """Takes lines, or whole entries while it is `idle`: no entry is open. Gives entries."""

    def __init__(self, file: str, *, notes: bool) -> None:
        self.file = file
        self.idle = True
        self.header = PoHeader()
        self.entries: list[PoEntry] = []
        self.problems: list[Problem] = []
        self._draft = _Draft()
        self._seen: dict[tuple[str, str], int] = {}
        self._notes = notes

    def take_whole(self, number: int, match: re.Match[str]) -> None:
        """Read one entry that stands by itself, whose first line is `number`."""
        comments, *strings = match.groups()
        context, source, text = map(_joined, strings)
        context, source = intern(context), intern(source)  # the same in every language, kept once
        line = number + comments.count("\n")
        if self._notes or not (context or source) or _WRITTEN.search(comments):
            for comment in comments.split("\n"):
                self._comment(comment.strip())
            draft = self._draft
            draft.line = line
            draft.texts = {"msgctxt": context, "msgid": source, "msgstr": text}
            self.finish()
        elif self._is_new(context, source, line):
            mark = Mark(self.file, line, 1)
            self.entries.append(PoEntry(context, source, text, mark, _flags(comments)))

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        if not line or line.startswith("#"):
            if self._draft.texts:
                self.finish()
            if line:
                self.idle = False
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
        self.idle = False
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
        self.idle = True
        if not draft.texts or draft.broken:
            return
        context, source = draft.texts.get("msgctxt", ""), draft.texts.get("msgid", "")
        if "msgid" not in draft.texts or not ({"msgstr", "msgstr[0]"} & draft.texts.keys()):
            self._fault("T202", draft.line, "this entry has no msgid or no msgstr", "write both")
            return
        if not source and not context:
            fields = draft.texts.get("msgstr", "").split("\n")
            self.header = PoHeader(tuple(draft.comments), tuple(line for line in fields if line))
            return
        if not self._is_new(context, source, draft.line):
            return
        forms = [draft.texts[f"msgstr[{n}]"] for n in range(10) if f"msgstr[{n}]" in draft.texts]
        self.entries.append(
            PoEntry(
                context,
                source,
                draft.texts.get("msgstr", forms[0] if forms else ""),
                Mark(self.file, draft.line, 1),
                tuple(draft.flags),
                "\n".join(draft.notes),
                draft.texts.get("msgid_plural", ""),
                tuple(forms[1:]),
                tuple(draft.comments),
                tuple(draft.references),
                "".join(draft.previous),
            )
        )

    def _is_new(self, context: str, source: str, line: int) -> bool:
        first = self._seen.setdefault((context, source), line)
        if first != line:
            place = Mark(self.file, first, 1)
            self._fault("T203", line, "this entry stands twice", f"keep one (the first is at {place})")
        return first == line

    def _comment(self, line: str) -> None:
        if line.startswith("#,"):
            self._draft.flags += _flagged(line)
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


def _flags(comments: str) -> tuple[str, ...]:
    """The flags among the comments of an entry."""
    if "#," not in comments:
        return ()
    if comments.endswith(_LONE_FLAG) and comments.count("#,") == 1:
        return _UNREVIEWED_ONLY
    lines = [line.strip() for line in comments.split("\n")]
    return tuple(flag for line in lines if line.startswith("#,") for flag in _flagged(line))


def _flagged(line: str) -> list[str]:
    return [flag.strip() for flag in line[2:].split(",") if flag.strip()]


def _joined(strings: str) -> str:
    """The text of quoted strings on consecutive lines."""
    text = strings[1:-1].replace('"\n"', "")
    return _ESCAPE.sub(_unescape, text) if "\\" in text else text


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[1], match[0])
