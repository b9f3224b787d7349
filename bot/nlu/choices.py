"""Which of the choices on the screen a typed message means: number, label, other words, then small typos.

A negated label is not that label (`no legal` asks again). Two equally near choices are none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from bot.nlu.normalise import bare_number, words_of
from bot.nlu.wordlists import CARDINALS, FILLERS, NEGATIONS, ORDINALS

MAX_TYPED: Final = 200  # characters; a longer message is a story, not the name of a choice
LONGEST_NUMBER: Final = 12  # letters or digits of a number word
EDITS_FROM: Final = (4, 7, 14)  # from these lengths on, one, two and three wrong letters are forgiven
SURE_TYPO_LENGTH: Final = 8  # from here on one wrong letter leaves no doubt


@dataclass(frozen=True, slots=True)
class Choosable:
    """A choice as it can be typed. Make it with `Choosable.of`, once per step and language."""

    name: str
    number: int
    label: str
    words: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, number: int, label: str, words: Iterable[str] = ()) -> "Choosable":
        """The choice with the folded forms of its label and other words worked out."""
        others = tuple(words)
        return cls(name, number, label, others, _folded_forms(label, others))


@dataclass(frozen=True, slots=True)
class ChoiceMatch:
    """The choice that was meant. Where `sure` is false, ask before acting on it."""

    name: str
    sure: bool


def match_choice(text: str, options: Sequence[Choosable]) -> ChoiceMatch | None:
    """The choice that `text` means, or None: nothing fits, several fit, or the label is negated."""
    number = bare_number(text)
    if number is not None:
        return _by_number(number, options)
    if len(text) > MAX_TYPED:
        return None
    typed = words_of(text)
    if not typed:
        return None
    exact = match_exact(typed, options)
    if exact is not None:
        return exact
    return _by_words(typed.split(), options) or _by_typo(typed, options)


def match_exact(typed: str, options: Sequence[Choosable]) -> ChoiceMatch | None:
    """The only choice whose label or other word equals the already folded `typed`."""
    found = None
    for option in options:
        if typed in (option.folded or _folded_forms(option.label, option.words)):
            if found is not None:
                return None
            found = option.name
    return None if found is None else ChoiceMatch(found, sure=True)


def _folded_forms(label: str, words: Iterable[str]) -> tuple[str, ...]:
    forms = (words_of(form) for form in (label, *words))
    return tuple(dict.fromkeys(form for form in forms if form))


def _by_number(number: int, options: Sequence[Choosable]) -> ChoiceMatch | None:
    for option in options:
        if option.number == number:
            return ChoiceMatch(option.name, sure=True)
    return None


def _by_words(typed: list[str], options: Sequence[Choosable]) -> ChoiceMatch | None:
    """A label or place in the list inside a short sentence: `legal please`, `the second one`, `option 2`."""
    hits: dict[str, bool] = {}
    for option in options:
        for form in option.folded or _folded_forms(option.label, option.words):
            words = form.split()
            start = _position(words, typed)
            if start is None:
                continue
            rest = typed[:start] + typed[start + len(words) :]
            if NEGATIONS.intersection(rest):
                continue
            if len(rest) <= len(words) + 3:
                sure = FILLERS.issuperset(rest)
                hits[option.name] = hits.get(option.name, False) or sure
    if not hits:
        return _by_place(typed, options)
    certain = [name for name, sure in hits.items() if sure]
    if len(certain) == 1:
        return ChoiceMatch(certain[0], sure=True)
    if len(hits) == 1:
        return ChoiceMatch(next(iter(hits)), sure=False)
    return None


def _by_place(typed: list[str], options: Sequence[Choosable]) -> ChoiceMatch | None:
    """`the second one`, `option 2`, `two please`: one number or place in the list, and nothing that matters."""
    numbers = [
        int(word) if word.isdecimal() else ORDINALS.get(word) or CARDINALS.get(word, 0)
        for word in typed[:6]
        if word not in FILLERS and len(word) <= LONGEST_NUMBER
    ]
    meant = [word for word in typed if word not in FILLERS]
    return _by_number(numbers[0], options) if len(meant) == len(numbers) == 1 else None


def _position(words: list[str], inside: list[str]) -> int | None:
    for start in range(len(inside) - len(words) + 1):
        if inside[start : start + len(words)] == words:
            return start
    return None


def _by_typo(typed: str, options: Sequence[Choosable]) -> ChoiceMatch | None:
    """The nearest form by edits and swaps; how many are forgiven grows with its length."""
    best: dict[str, tuple[int, int]] = {}
    for option in options:
        for form in option.folded or _folded_forms(option.label, option.words):
            allowed = _edits_allowed(len(form))
            if not allowed or _negated_differently(typed, form):
                continue
            distance = OSA.distance(typed, form, score_cutoff=allowed)
            if distance <= allowed:
                best[option.name] = min(best.get(option.name, (distance, 0)), (distance, -len(form)))
    if not best:
        return None
    ranked = sorted(best.items(), key=lambda item: item[1][0])
    name, (distance, length) = ranked[0]
    if len(ranked) > 1 and ranked[1][1][0] == distance:
        return None
    return ChoiceMatch(name, sure=distance <= 1 and -length >= SURE_TYPO_LENGTH and len(ranked) == 1)


def _edits_allowed(length: int) -> int:
    return sum(length >= limit for limit in EDITS_FROM)


def _negated_differently(typed: str, form: str) -> bool:
    return bool(NEGATIONS.intersection(typed.split()) ^ NEGATIONS.intersection(form.split()))
