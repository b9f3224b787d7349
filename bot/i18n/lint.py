"""What is wrong with a translation beside its source: missing, stale, unread, or changed where it must not change.

A changed number, link, user name or placeholder is an error: somebody could send people to the wrong place.
In a fuzzy entry, which is never served, it is a warning.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bot.i18n.bidi import CONTROLS
from bot.i18n.digits import ascii_digits
from bot.i18n.formatting import placeholders
from bot.i18n.links import LINK
from bot.i18n.po import UNREVIEWED, PoEntry
from bot.kernel.problems import Mark, Problem, Severity

_HANDLE: Final = re.compile(r"(?<![\w@.])@[A-Za-z0-9_]{3,32}")
_DIGITS: Final = re.compile(r"\d+")
_BRACES: Final = re.compile(r"\{[^{}]*\}")
_SHOWN: Final = 80  # characters of a source text in a mend
_MESSAGE: Final = 350  # characters of a message, as in English
_FEW: Final = 10  # problems of a kind that are listed one by one
_AT_MOST: Final = re.compile(r"\bAt most (\d+) characters")
_TRAILING: Final = ".,;:!?)»”"


def lint_translations(
    translated: Sequence[PoEntry], source: Sequence[PoEntry], language: str, start: Mark
) -> list[Problem]:
    """Every problem of one PO file. `source` are the entries of the POT; `start` is where missing texts are reported."""
    by_context = {entry.context: entry for entry in source}
    written = {entry.context: entry for entry in translated}
    missing = [
        _warning(
            "T601",
            start,
            f"'{context}' is not translated to {language}",
            f"translate: {_short(entry.source)}",
        )
        for context, entry in by_context.items()
        if context not in written or not written[context].text
    ]
    problems: list[Problem] = []
    unread = sum(_unread(entry, by_context.get(entry.context)) for entry in translated)
    if unread > _FEW:
        message = f"{unread} texts in {language} were not reviewed"
        problems.append(_many("T603", start, message, "let a native speaker read them"))
    for entry in translated:
        original = by_context.get(entry.context)
        if original is None:
            mend = "run 'fener translations update'"
            problems.append(_warning("T608", entry.mark, f"'{entry.context}' is no longer a text", mend))
        elif entry.text:
            if unread <= _FEW or not _unread(entry, original):
                problems.extend(_state(entry, original))
            problems.extend(changed(entry, original.source))
            problems.extend(_too_long(entry, original))
    if len(missing) > _FEW:
        message = f"{len(missing)} texts are not translated to {language}"
        missing = [_many("T601", start, message, "translate them")]
    return [*missing, *problems]


def _many(code: str, start: Mark, message: str, mend: str) -> Problem:
    """Many problems of a kind as one: a list of a thousand is read by nobody."""
    return _warning(code, start, message, f"{mend}; 'fener translations status' counts them")


_LIKE_A_LINK: Final = re.compile(r"\.\w|@|://|ww\.", re.IGNORECASE)
_SIGNS: Final = re.compile(r"[\d{@/]")
_DOT_INSIDE: Final = re.compile(r"\.\w")


def _watched(text: str) -> bool:
    """Whether there may be a number, a placeholder, a user name or a link; most texts have none and cost no more."""
    return bool(_SIGNS.search(text) or _DOT_INSIDE.search(text))


def changed(entry: PoEntry, source: str) -> list[Problem]:
    """What a translation must not change and did."""
    severity: Severity = "warning" if entry.fuzzy else "error"
    problems = []
    for code, what, pieces in _KEPT if _watched(source) or _watched(entry.text) else ():
        these, those = list(pieces(source)), list(pieces(entry.text))
        if these == those:
            continue
        wanted, found = Counter(these), Counter(those)
        if wanted != found:
            lost, added = sorted((wanted - found).elements()), sorted((found - wanted).elements())
            message = f"'{entry.context}' changes the {what}: " + _difference(lost, added)
            mend = f"keep exactly these: {', '.join(sorted(wanted.elements())) or 'none'}"
            problems.append(Problem(code, entry.mark, message, mend, severity))
    if CONTROLS.search(entry.text):
        mend = "remove them: the engine sets direction itself"
        message = f"'{entry.context}' holds invisible direction characters"
        problems.append(Problem("T609", entry.mark, message, mend, severity))
    return problems


def _too_long(entry: PoEntry, original: PoEntry) -> list[Problem]:
    """A text longer than its note allows; a choice of a flow is refused, as it is in English."""
    said = _AT_MOST.search(original.notes) if "At most" in original.notes else None
    most = int(said[1]) if said else _MESSAGE
    if len(entry.text) <= most:
        return []
    severity: Severity = "error" if "/choices." in entry.context and not entry.fuzzy else "warning"
    message = f"'{entry.context}' has {len(entry.text)} characters, more than {most}"
    return [Problem("T610", entry.mark, message, f"say it shorter: {_short(entry.text)}", severity)]


def _numbers(text: str) -> Iterable[str]:
    """Digit groups outside placeholders and links, whatever the script."""
    plain = ascii_digits(text)
    if not _DIGITS.search(plain):
        return ()
    plain = _BRACES.sub(" ", plain)
    if _LIKE_A_LINK.search(plain):
        plain = LINK.sub(" ", plain)
    return _DIGITS.findall(_HANDLE.sub(" ", plain))


def _links(text: str) -> Iterable[str]:
    if not _LIKE_A_LINK.search(text):
        return ()
    return (match.rstrip(_TRAILING).lower() for match in LINK.findall(_BRACES.sub(" ", text)))


def _handles(text: str) -> Iterable[str]:
    if "@" not in text:
        return ()
    return (match.lower() for match in _HANDLE.findall(LINK.sub(" ", text)))


_KEPT: Final[tuple[tuple[str, str, Callable[[str], Iterable[str]]], ...]] = (
    ("T604", "placeholders", lambda text: (f"{{{name}}}" for name in placeholders(text))),
    ("T605", "numbers", _numbers),
    ("T606", "links", _links),
    ("T607", "user names", _handles),
)


def _unread(entry: PoEntry, original: PoEntry | None) -> bool:
    """Whether a translation that is up to date was read by nobody yet."""
    return (
        original is not None
        and bool(entry.text)
        and UNREVIEWED in entry.flags
        and not entry.fuzzy
        and entry.source == original.source
    )


def _state(entry: PoEntry, original: PoEntry) -> list[Problem]:
    if entry.fuzzy or entry.source != original.source:
        mend = f"read the new source, translate it and remove 'fuzzy': {_short(original.source)}"
        return [_warning("T602", entry.mark, f"'{entry.context}' is out of date and not served", mend)]
    if entry.unreviewed:
        mend = "let a native speaker read it, then remove the flag 'unreviewed'"
        return [_warning("T603", entry.mark, f"'{entry.context}' was not reviewed", mend)]
    return []


def _difference(lost: list[str], added: list[str]) -> str:
    parts = [f"lost {', '.join(lost)}"] if lost else []
    parts += [f"new {', '.join(added)}"] if added else []
    return "; ".join(parts)


def _warning(code: str, mark: Mark, message: str, mend: str) -> Problem:
    return Problem(code, mark, message, mend, "warning")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
