"""The words that work everywhere, in every language at once: person, leave, back, menu, help, sos, erase ...

They come before any question of a flow and no flow can redefine them. Source: docs/reference/commands.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from rapidfuzz.distance import OSA

from bot.nlu.normalise import bare_number, fold, words_of

Command = Literal[
    "person",
    "leave",
    "back",
    "menu",
    "help",
    "sos",
    "language",
    "erase",
    "slow",
    "one minute",
    "mail",
    "safe word",
    "return code",
    "verify",
]

COMMANDS: Final[tuple[Command, ...]] = get_args(Command)

IN_ENGLISH: Final[Mapping[Command, tuple[str, ...]]] = {
    "person": ("person", "human"),
    "leave": ("leave", "exit"),
    "back": ("back",),
    "menu": ("menu",),
    "help": ("help",),
    "sos": ("sos", "🆘"),
    "language": ("language",),
    "erase": ("erase",),
    "slow": ("slow",),
    "one minute": ("one minute", "1min", "1 min"),
    "mail": ("note", "mail"),
    "safe word": ("safe word",),
    "return code": ("return code",),
    "verify": ("verify", "check helper"),
}
"""What works in any language besides its own words."""

PERSON_DIGIT: Final = 9
LEAVE_DIGIT: Final = 0
_BACK_SIGNS: Final = frozenset("*＊⁎∗✱﹡")
_LONGEST: Final = 40  # characters; a longer message is no command
_LONGEST_DIGITS: Final = 8
_TYPO_LENGTH: Final = range(
    5, 20
)  # shorter words are one letter away from too much: `azil` from Turkish `acil`
"""Lengths at which one wrong letter is forgiven."""


@dataclass(frozen=True, slots=True)
class Commands:
    """The command words of one release, folded. Build with `Commands.of`."""

    words: Mapping[str, Command] = field(default_factory=dict)
    exact: Mapping[str, Command] = field(default_factory=dict)

    @classmethod
    def of(cls, languages: Mapping[str, Mapping[str, tuple[str, ...]]]) -> "Commands":
        """The words of every language together, the English ones last: they win over a clash."""
        words: dict[str, Command] = {}
        exact: dict[str, Command] = {}
        for name in COMMANDS:
            listed = [word for language in languages.values() for word in language.get(name, ())]
            for word in listed:
                exact.setdefault(fold(word), name)
                words.setdefault(words_of(word), name)
        for name, english in IN_ENGLISH.items():
            for word in english:
                exact[fold(word)] = name
                words[words_of(word)] = name
        words.pop("", None)
        return cls(words, exact)

    def find(self, text: str, *, digits: bool = True) -> Command | None:
        """The command that the whole message is. `digits` false: 9 and 0 are answers here, the words still work.

        `erase` has to be written exactly; the others forgive punctuation and drawn-out letters.
        """
        typed = text.strip().removeprefix("/")
        if not typed or len(typed) > _LONGEST:
            return None
        if digits and len(typed) <= _LONGEST_DIGITS:
            number = bare_number(typed)
            if number is not None:
                return _by_digit(number, typed)
        if typed in _BACK_SIGNS:
            return "back"
        found = self.exact.get(fold(typed))
        if found is not None:
            return found
        loose = self.words.get(words_of(typed))
        return loose if loose != "erase" else None

    def near(self, text: str) -> Command | None:
        """The command that a mistyped word is one letter away from; never `erase` or `leave`."""
        typed = words_of(text)
        if len(typed) not in _TYPO_LENGTH:
            return None
        found = {
            name
            for word, name in self.words.items()
            if name not in ("erase", "leave")
            and len(word) in _TYPO_LENGTH
            and OSA.distance(typed, word, score_cutoff=1) <= 1
        }
        return found.pop() if len(found) == 1 else None

    def with_word(self, text: str, word: str) -> Command | None:
        """The command in front of the safe word: `back lavender`, `sos lavender`, `* lavender`."""
        typed = fold(text)
        if not word or not typed.endswith(f" {word}"):
            return None
        return self.find(typed[: -len(word)])


def _by_digit(number: int, typed: str) -> Command | None:
    """One digit and no more: 00 is neither."""
    if sum(character.isdecimal() for character in typed) != 1:
        return None
    if number == PERSON_DIGIT:
        return "person"
    return "leave" if number == LEAVE_DIGIT else None
