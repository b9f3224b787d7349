"""The languages people can choose: translations/languages.yaml, in menu order. English is always there."""

import re
from dataclasses import dataclass, field
from typing import Final

from bot.kernel.messages import Direction
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar

ENGLISH: Final = "en"
_CODE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_KEYS: Final = frozenset({"code", "name", "direction", "fallback"})
_NAME_LENGTH: Final = 24  # the label of a choice; longer ones do not fit a WhatsApp list row


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `name` is in the language itself; `fallback` are codes, nearest first."""

    code: str
    name: str
    direction: Direction = "ltr"
    fallback: tuple[str, ...] = ()


ENGLISH_ONLY: Final = Language(ENGLISH, "English")


@dataclass(frozen=True, slots=True)
class Languages:
    """All languages, in the order of the menu."""

    all: tuple[Language, ...] = (ENGLISH_ONLY,)
    _by_code: dict[str, Language] = field(init=False, repr=False, compare=False)
    _chains: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_code = {language.code: language for language in self.all}
        object.__setattr__(self, "_by_code", by_code)
        object.__setattr__(self, "_chains", {code: _chain(code, by_code) for code in by_code})

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes in menu order."""
        return tuple(self._by_code)

    def get(self, code: str) -> Language | None:
        """The language of that code, or None."""
        return self._by_code.get(code)

    def direction(self, code: str) -> Direction:
        """Reading direction; `ltr` for a code that is not in the list."""
        language = self._by_code.get(code)
        return language.direction if language else "ltr"

    def chain(self, code: str) -> tuple[str, ...]:
        """The code, what it falls back to and so on, each once, English last. Only English for an unknown code."""
        return self._chains.get(code, (ENGLISH,))


def parse_languages(node: Node) -> tuple[Languages, list[Problem]]:
    """The languages of languages.yaml. What cannot be read is left out and reported; English stays."""
    problems: list[Problem] = []
    if not isinstance(node, Items):
        mend = "write a list: '- {code: sr, name: Srpski, direction: ltr, fallback: [en]}'"
        return Languages(), [Problem("T101", node.mark, "languages.yaml must be a list", mend)]
    found: dict[str, tuple[Language, Mark]] = {}
    for item in node.values:
        language = _language(item, problems)
        if language is None:
            continue
        if language.code in found:
            mend = f"keep one (the first is at {found[language.code][1]})"
            problems.append(Problem("T103", item.mark, f"'{language.code}' stands twice", mend))
            continue
        found[language.code] = (language, item.mark)
    for language, mark in found.values():
        problems.extend(
            Problem(
                "T104",
                mark,
                f"'{language.code}' falls back to '{code}', which is not another language of this list",
                f"use one of: {', '.join(other for other in found if other != language.code)}",
            )
            for code in language.fallback
            if code == language.code or (code not in found and code != ENGLISH)
        )
    if ENGLISH not in found:
        mend = "add '- {code: en, name: English, direction: ltr, fallback: []}'"
        problems.append(
            Problem("T105", node.mark, "English is missing: it is the source of every text", mend)
        )
        return Languages((ENGLISH_ONLY, *(language for language, _ in found.values()))), problems
    return Languages(tuple(language for language, _ in found.values())), problems


def _chain(code: str, by_code: dict[str, Language]) -> tuple[str, ...]:
    chain: list[str] = []
    waiting = [code]
    while waiting:
        current = waiting.pop(0)
        if current not in chain and current != ENGLISH and current in by_code:
            chain.append(current)
            waiting[:0] = by_code[current].fallback
    return (*chain, ENGLISH)


def _language(item: Node, problems: list[Problem]) -> Language | None:
    if not isinstance(item, Fields):
        mend = "write '{code: sr, name: Srpski, direction: ltr, fallback: [en]}'"
        problems.append(Problem("T102", item.mark, "a language is written as fields", mend))
        return None
    problems.extend(
        Problem(
            "T102", key.mark, f"'{key.value}' is not known here", f"use one of: {', '.join(sorted(_KEYS))}"
        )
        for key, _ in item
        if key.value not in _KEYS
    )
    code = _text(item, "code")
    name = _text(item, "name")
    direction = _text(item, "direction") or "ltr"
    faults = []
    if not _CODE.fullmatch(code):
        faults.append(("code", f"'{code}' is not a language code", "write a code such as 'sr' or 'pt'"))
    if not 0 < len(name) <= _NAME_LENGTH:
        mend = f"write the language's own name in at most {_NAME_LENGTH} characters"
        faults.append(("name", "the name is missing or too long", mend))
    if direction not in ("ltr", "rtl"):
        faults.append(("direction", f"'{direction}' is no direction", "write ltr or rtl"))
    fallback = item.get("fallback")
    codes: tuple[str, ...] = ()
    if isinstance(fallback, Items) and all(isinstance(entry, Scalar) for entry in fallback.values):
        codes = tuple(entry.value for entry in fallback.values if isinstance(entry, Scalar))
    elif fallback is not None:
        faults.append(("fallback", "the fallback must be a list of codes", "write 'fallback: [en]'"))
    problems.extend(Problem("T102", item.key_mark(key), what, mend) for key, what, mend in faults)
    if faults:
        return None
    return Language(code, name, "rtl" if direction == "rtl" else "ltr", codes)


def _text(fields: Fields, key: str) -> str:
    value = fields.get(key)
    return value.value.strip() if isinstance(value, Scalar) else ""
