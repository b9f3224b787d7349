"""The directory as tables that people edit: which sheets and columns there are, and what stands in each cell.

A cell shows what is written in the file, not what it amounts to: empty is not written. Ids and vetting are locked.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from bot.directory.reading import LANGUAGE_CODE, is_nothing
from bot.directory.record_format import SAFETY, key_at, short_at
from bot.kernel.problems import Fields, Items, Node, Scalar

Form = Literal[
    "id", "line", "text", "word", "texts", "list", "words", "languages", "age", "day", "remove", "mark"
]
"""How a cell is read. `texts`: one language of a text. `list` and `words`: several, parted by commas."""

Step = str | int


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `path` leads from the sheet's record to the value; of texts it ends with the language.

    `inside` leads from the file to that record, without places in lists. `vouched`: a vetter has looked at it, so a change needs another look. `names`: whose ids may stand there.
    """

    title: str
    path: tuple[Step, ...]
    form: Form
    about: str
    words: tuple[str, ...] = ()
    names: str = ""
    locked: bool = False
    vouched: bool = False
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: what it is called, where its records lie in an organisation's file, its columns."""

    title: str
    about: str
    inside: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def keys(self) -> tuple[Column, ...]:
        """The columns that say which record a row is about."""
        return tuple(column for column in self.columns if column.form in {"id", "line"})


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read: its number in the sheet, and the text of each cell by the column's title."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet as it was read. `file` is what people know it by; `numbers` is each title's column, from 1."""

    sheet: str
    file: str
    numbers: Mapping[str, int]
    rows: tuple[Row, ...]


MARK: Final = "fener"
REMOVE: Final = "remove"
MOST_LETTERS: Final = 32_000  # a cell of Excel holds 32,767
CUT: Final = " [too long for a cell: edit it in the file]"
_LANGUAGE: Final = re.compile(r"(.+) \((.+)\)")
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_GERMAN_DAY: Final = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\.?")
_SAFETY_TITLE: Final = "safety: "


def _column(title: str, *path: str, form: Form = "text", vouched: bool = False, about: str = "") -> Column:
    key = key_at(path)
    found = key.about if key else ""
    words = tuple(
        word.replace("_", " ") for word in (key.words if key else ()) if word not in {"true", "false"}
    )
    inside = (
        path[:2]
        if path[1:2] in {("phones",), ("sources",), ("visits",)}
        else path[:1]
        if path[0] == "services"
        else ()
    )
    names = key.names if key else ""
    return Column(
        title, path[len(inside) :], form, about or found, words, names, vouched=vouched, inside=inside
    )


_IN: Final = ("services",)
_ORGANISATION: Final = Column(
    "organisation", ("organisation",), "id", "The id of the organisation; permanent.", locked=True
)
_SERVICE: Final = Column(
    "service", ("service",), "id", "The id of the service in its organisation; permanent.", locked=True
)
_LINE: Final = Column(
    "line", (), "line", "Which of the lines of this service it is. Leave it empty for a new one.", locked=True
)
_REMOVE: Final = Column(REMOVE, (), "remove", "Write yes to take this line out.", ("yes",))
_MARK: Final = Column(
    MARK, (), "mark", "Tells changed rows from unchanged ones. Leave it as it is; empty in new rows."
)

ORGANISATIONS: Final = Sheet(
    "Organisations",
    "One row for each organisation.",
    (),
    (
        _ORGANISATION,
        _column("name", "name", form="texts"),
        replace(_column("country", "country"), locked=True),
        _column("kind", "kind", form="word"),
        _column("website", "website"),
        _column("description", "description", form="texts"),
        _column("note", "note"),
        _column("demo", "demo", form="word", vouched=True),
        _column("differs from", "differs_from", form="list"),
        _MARK,
    ),
)
SERVICES: Final = Sheet(
    "Services",
    "One row for each service. A new row is a new service; nobody is told of it before two people have vetted it.",
    ("services",),
    (
        _ORGANISATION,
        _SERVICE,
        _column("status", "services", "status", form="word"),
        _column("name", "services", "name", form="texts"),
        _column("description", "services", "description", form="texts"),
        _column("needs", "services", "needs", form="list"),
        _column("populations", "services", "populations", form="list", vouched=True),
        Column("age from", ("age", 0), "age", "Youngest age; empty is open.", vouched=True, inside=_IN),
        Column("age to", ("age", 1), "age", "Oldest age; empty is open.", vouched=True, inside=_IN),
        _column("languages", "services", "languages", form="languages",
            about="Codes parted by commas: sr, en, fa (interpreter), ps (phone)."),
        _column("cost", "services", "cost", form="word"),
        _column("documents", "services", "documents", form="word", vouched=True),
        _column("documents note", "services", "documents_note", form="texts", vouched=True),
        Column(_SAFETY_TITLE.strip(), ("safety",), "word", "", ("yes", "no", "unknown"), "attributes", vouched=True, inside=_IN),
        Column("must report when", ("safety", "must_report_when"), "texts",
            "When they must tell somebody, in words; no where they never must.", vouched=True, inside=_IN),
        _column("access", "services", "access", form="words", vouched=True),
        _column("address", "services", "address", "text"),
        _column("address place", "services", "address", "place"),
        _column("address visible to", "services", "address", "visibility", form="word", vouched=True),
        _column("opening hours", "services", "hours", "open"),
        _column("time zone", "services", "hours", "zone"),
        _column("holidays of", "services", "hours", "holidays"),
        _column("areas", "services", "areas", form="list"),
        _column("remote", "services", "remote", form="word"),
        _column("not offered", "services", "not_offered", form="texts"),
        _column("next step", "services", "next_step", form="texts"),
        _column("room", "services", "capacity", "state", form="word"),
        _column("room on", "services", "capacity", "on", form="day"),
        _column("notice", "services", "notice", "text", form="texts"),
        _column("notice until", "services", "notice", "until", form="day"),
        _column("replaced by", "services", "replaced_by"),
        _column("visible to", "services", "visibility", form="word", vouched=True),
        _column("website", "services", "website"),
        _column("note", "services", "note"),
        _column("demo", "services", "demo", form="word", vouched=True),
        replace(_column("vetting", "services", "vetting", "state", form="word"), locked=True, words=()),
        replace(_column("vetted by", "services", "vetting", "by", form="list"), locked=True),
        replace(_column("vetted on", "services", "vetting", "on", form="day"), locked=True),
        replace(_column("vetting expires", "services", "vetting", "expires", form="day"), locked=True),
        _MARK,
    ),
)  # fmt: skip
PHONES: Final = Sheet(
    "Phones",
    "One row for each phone number of a service.",
    ("services", "phones"),
    (
        _ORGANISATION,
        _SERVICE,
        _LINE,
        _column("number", "services", "phones", "number"),
        _column("visible to", "services", "phones", "visibility", form="word", vouched=True),
        _column("label", "services", "phones", "label", form="texts"),
        _REMOVE,
        _MARK,
    ),
)
VISITS: Final = Sheet(
    "Visits",
    "One row for each place where a mobile team will be.",
    ("services", "visits"),
    (
        _ORGANISATION,
        _SERVICE,
        _LINE,
        _column("place", "services", "visits", "place"),
        _column("from", "services", "visits", "from", form="day"),
        _column("to", "services", "visits", "to", form="day"),
        _column("open", "services", "visits", "open"),
        _column("time zone", "services", "visits", "zone"),
        _column("holidays of", "services", "visits", "holidays"),
        _column("note", "services", "visits", "note"),
        _REMOVE,
        _MARK,
    ),
)
SOURCES: Final = Sheet(
    "Sources",
    "One row for each place where something was read; without a service it is about the whole organisation.",
    ("services", "sources"),
    (
        _ORGANISATION,
        _SERVICE,
        _LINE,
        _column("field", "services", "sources", "field"),
        _column("source", "services", "sources", "source"),
        _column("checked on", "services", "sources", "checked_on", form="day"),
        _column("value", "services", "sources", "value"),
        _column("quote", "services", "sources", "quote"),
        _column("page date", "services", "sources", "page_date"),
        _column("note", "services", "sources", "note"),
        _column("conflict", "services", "sources", "conflict", form="word"),
        _REMOVE,
        _MARK,
    ),
)
SHEETS: Final = (ORGANISATIONS, SERVICES, PHONES, VISITS, SOURCES)


def column_named(sheet: Sheet, title: str) -> Column | None:
    """The column that a header names, of any language and any safety word; None where there is none."""
    for column in sheet.columns:
        if column.form == "texts":
            match = _LANGUAGE.fullmatch(title)
            if match and match[1] == column.title and LANGUAGE_CODE.fullmatch(match[2]):
                return _in_language(column, match[2])
        elif column.path == ("safety",):
            if title.startswith(_SAFETY_TITLE) and (word := title.removeprefix(_SAFETY_TITLE)):
                return _of_safety(column, word.replace(" ", "_"))
        elif column.title == title:
            return column
    return None


def columns_in_use(sheet: Sheet, records: Sequence[Fields], safety: Iterable[str]) -> tuple[Column, ...]:
    """The columns of a sheet, with one for each language and each safety word that these records use."""
    found: list[Column] = []
    for column in sheet.columns:
        if column.form == "texts":
            codes = {code for record in records for code in _codes(_follow(record, column))} - {"en"}
            found += [_in_language(column, code) for code in ("en", *sorted(codes))]
        elif column.path == ("safety",):
            used = {
                key.value.replace(" ", "_")
                for record in records
                if isinstance(answers := record.get("safety"), Fields)
                for key, _ in answers
            }
            more = sorted({*used, *safety} - {*SAFETY, "must_report_when"})
            found += [_of_safety(column, word) for word in (*SAFETY, *more)]
        else:
            found.append(column)
    return tuple(found)


def cell_of(column: Column, record: Fields) -> str:
    """What stands in a cell of `record`'s row."""
    if column.form == "age":
        ages = record.get("age")
        at = ages.values[int(column.path[1])] if isinstance(ages, Items) and len(ages.values) == 2 else None  # noqa: PLR2004 - a pair
        return _text(at)
    node = _follow(record, column)
    if column.form == "languages":
        return ", ".join(_spoken(code, by) for code, by in languages_of(node))
    if column.form in {"list", "words"}:
        listed = [_text(value) for value in node.values] if isinstance(node, Items) else []
        return as_cell(
            ", ".join(word.replace("_", " ") if column.form == "words" else word for word in listed)
        )
    text = _text(node)
    return as_cell(text.replace("_", " ") if column.form == "word" else text)


def as_cell(text: str) -> str:
    """A text as every spreadsheet can hold it: one kind of line break, no control characters, not too long."""
    made = _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return made if len(made) <= MOST_LETTERS else made[:MOST_LETTERS] + CUT


def mark_of(cells: Mapping[str, str]) -> str:
    """A short mark that differs when any cell of a row does; empty cells, and those about the sheet, do not count."""
    told = sorted((title, text) for title, text in cells.items() if text and title not in {MARK, REMOVE})
    return hashlib.sha256("\x1e".join(f"{title}\x1f{text}" for title, text in told).encode()).hexdigest()[:12]


def records_in(node: Node | None, short: str = "") -> list[Fields]:
    """The records of a list; a bare text stands for the key `short`."""
    items = node.values if isinstance(node, Items) else ()
    return [
        item if isinstance(item, Fields) else Fields(((Scalar(short, item.mark), item),), item.mark)
        for item in items
    ]


def languages_of(node: Node | None) -> Iterator[tuple[str, str]]:
    """Code and speaker of each language in a list; a bare code is spoken by staff."""
    for item in node.values if isinstance(node, Items) else ():
        if isinstance(item, Fields):
            yield _text(item.get("code")), _text(item.get("by")) or "staff"
        else:
            yield _text(item), "staff"


def languages_in(cell: str) -> list[tuple[str, str]]:
    """The same out of a cell: `sr, fa (interpreter)`."""
    found = []
    for word in words_in(cell):
        code, _, by = word.partition("(")
        found.append((code.strip(), by.strip().removesuffix(")").strip() or "staff"))
    return found


def words_in(cell: str) -> list[str]:
    """The words of a cell that holds several, parted by commas, semicolons or lines."""
    return [word.strip() for word in re.split(r"[,;\n]", cell) if word.strip()]


def day_in(cell: str) -> str:
    """A day as files hold it; what stands in the cell where it is none."""
    found = _GERMAN_DAY.fullmatch(cell)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else cell


def _in_language(column: Column, code: str) -> Column:
    return replace(column, title=f"{column.title} ({code})", path=(*column.path, code))


def _of_safety(column: Column, word: str) -> Column:
    title = _SAFETY_TITLE + word.replace("_", " ")
    return replace(column, title=title, path=("safety", word), about=SAFETY.get(word, "yes, no or unknown."))


def _spoken(code: str, by: str) -> str:
    return code if by == "staff" else f"{code} ({by})"


def _codes(node: Node | None) -> Iterator[str]:
    if isinstance(node, Fields):
        yield from (key.value for key, _ in node)


def _follow(record: Fields, column: Column) -> Node | None:
    """The value of a column; a bare text counts for the key that it stands for."""
    node: Node | None = record
    for at, step in enumerate(column.path):
        if isinstance(node, Fields):
            node = node.get(str(step))
        elif not (isinstance(node, Scalar) and step == short_at((*column.inside, *column.path[:at]))):
            return None
    return node


def _text(node: Node | None) -> str:
    return node.value.strip() if isinstance(node, Scalar) and not is_nothing(node) else ""
