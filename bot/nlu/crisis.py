"""Words that mean danger, in all languages at once, whatever language the conversation is in. Recall first.

A negation in front softens a hit and never suppresses it: over-flagging costs a person one question.

A pattern is one or more words: `kill myself`. A star ends a stem: `suicid*`. Three dots allow up to three other
words: `want ... die`. A plus joins words of one sentence in any order: `passport + took`. Whole words of five letters
and more forgive one slip of the finger, a word that is all of a pattern from seven. Everyday phrases listed as
`harmless` (`dead battery`) are taken out of the message before it is read, and only exactly they.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rapidfuzz.distance import OSA

from bot.i18n.wordfiles import CRISIS_KINDS, HARMLESS
from bot.nlu.normalise import words_of
from bot.nlu.wordlists import NEGATIONS

GAP: Final = 3  # other words that `...` may stand for
SPAN: Final = 9  # words within which all words of a `+` pattern stand
NEGATION_REACH: Final = 3  # words before a hit in which a negation softens it
TYPO_LENGTH: Final = 5  # letters from which one slip is forgiven
LONE_LENGTH: Final = 7  # letters from which a pattern of one word forgives a slip
SWAP_LENGTH: Final = 8  # letters from which the slip may be a wrong letter
OTHER_SCRIPT: Final = 2  # letters more where each letter carries more: `روسی` is not `روسپی`
MAX_WORDS: Final = 1000  # of a message; what comes later is not read
MAX_PLACES: Final = 12  # of one word in one sentence
TOGETHER: Final = "+"
_PROCLITICS: Final = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ف", "ب", "ل")
_STEM_LEFT: Final = 3  # letters that must remain after such a prefix
_CLAUSE_ENDS: Final = str.maketrans(dict.fromkeys(".!?;:,،؛؟۔\n\r", " | "))


@dataclass(frozen=True, slots=True)
class CrisisHit:
    """What was found: kinds with the most severe first; `softened` when every hit stood behind a negation."""

    kinds: tuple[str, ...]
    softened: bool


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a pattern; `gap` when other words may stand before it, `lone` when it is the whole pattern."""

    text: str
    stem: bool = False
    gap: bool = False
    lone: bool = False

    def fits(self, typed: str) -> bool:
        """Whether a typed word is this one, with a slip of the finger where it is long enough."""
        return self.means(typed) or (not self.stem and self.forgiving and _slipped(self.text, typed))

    def means(self, typed: str) -> bool:
        """Whether a typed word is exactly this one, or begins with this stem."""
        return typed.startswith(self.text) if self.stem else typed == self.text

    @property
    def forgiving(self) -> bool:
        """Whether a slip is forgiven: a short word that stands alone is too near to other words, as `slave` to `save`."""
        return not self.lone or len(self.text) >= LONE_LENGTH


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The words of one entry. `needed` are its short words, which must stand in the message letter by letter."""

    kind: str
    words: tuple[_Word, ...]
    needed: frozenset[str]
    anchor: int
    any_order: bool = False

    def starts(self, typed: list[frozenset[str]], near: Iterable[int]) -> Iterator[int]:
        """Where this pattern begins, given the places where its longest word may stand."""
        for place in near:
            if self.any_order:
                first = self._first_around(typed, place)
                if first is not None:
                    yield first
                continue
            gaps = sum(word.gap for word in self.words[: self.anchor + 1])
            latest = place - self.anchor
            for start in range(max(0, latest - GAP * gaps), latest + 1):
                if self._fits_from(typed, start, 0):
                    yield start

    def _first_around(self, typed: list[frozenset[str]], place: int) -> int | None:
        """The first place of all words together, when each stands within reach of `place`."""
        low, high = max(0, place - SPAN + 1), min(len(typed), place + SPAN)
        first = place
        for word in self.words:
            fitting = [at for at in range(low, high) if any(word.fits(form) for form in typed[at])]
            if not fitting:
                return None
            first = min(first, min(fitting, key=lambda at: abs(at - place)))
        return first

    def _fits_from(self, typed: list[frozenset[str]], at: int, word: int) -> bool:
        if word == len(self.words):
            return True
        wanted = self.words[word]
        reach = GAP if wanted.gap else 0
        for place in range(at, min(at + reach + 1, len(typed))):
            if any(wanted.fits(form) for form in typed[place]) and self._fits_from(
                typed, place + 1, word + 1
            ):
                return True
        return False


class CrisisLists:
    """The crisis words of all languages, indexed by their rarest word, when the first message with letters comes.

    The index takes some tenths of a second: a server calls `prepare` beside its start, so that nobody waits for it.
    """

    def __init__(self, lists: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        """Take language -> kind -> patterns, as `i18n.wordfiles.parse_crisis` gives them."""
        self._lists = lists
        self._index: _Index | None = None

    def find(self, text: str) -> CrisisHit | None:
        """The kinds of danger that `text` speaks of, or None. A message without letters costs nothing."""
        if not text or text.isdecimal():
            return None
        return (self._index or self.prepare()).find(text)

    @property
    def size(self) -> int:
        """How many patterns there are."""
        return (self._index or self.prepare()).size

    def prepare(self) -> "_Index":
        """Make the index now. Two threads may both make it: they make the same."""
        made = _Index(self._lists)
        self._index = made
        return made


class _Index:
    """Entries by their longest word; each is made into a pattern only when that word is typed, for few ever are."""

    def __init__(self, lists: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        self._entries: list[tuple[str, str]] = []
        self._patterns: dict[int, _Pattern] = {}
        self._exact: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._forgiving: set[str] = set()
        self._slips: Mapping[str, Sequence[str]] | None = None
        self._harmless: dict[str, list[tuple[_Word, ...]]] = {}
        folded: dict[str, list[str]] = {}
        for kinds in lists.values():
            for kind, patterns in kinds.items():
                for pattern in patterns:
                    self._add(kind, pattern, folded)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})

    @property
    def size(self) -> int:
        """How many entries there are, without the harmless."""
        return len(self._entries)

    def slips(self) -> Mapping[str, Sequence[str]]:
        """Shape -> longest words that a slip of the finger may have given it; made when the first long word comes."""
        if self._slips is None:
            found: dict[str, Sequence[str]] = {}
            for anchor in self._forgiving:
                for shape in _shapes(anchor):
                    others = found.get(shape, ())
                    found[shape] = (*others, anchor) if anchor not in others else others
            self._slips = found
        return self._slips

    def find(self, text: str) -> CrisisHit | None:
        clauses = [words_of(clause).split() for clause in text.translate(_CLAUSE_ENDS).split("|")]
        found: dict[str, bool] = {}
        for clause in clauses:
            if clause:
                self._search(self._without_harmless(clause[:MAX_WORDS]), found)
        if len(clauses) > 1 and not found:  # punctuation in the middle of a phrase: `kill, myself`
            whole = words_of(text).split()[:MAX_WORDS]
            self._search(self._without_harmless(whole), found)
        if not found:
            return None
        kinds = tuple(kind for kind in CRISIS_KINDS if kind in found)
        return CrisisHit(kinds, softened=all(found.values()))

    def _add(self, kind: str, entry: str, folded: dict[str, list[str]]) -> None:
        """Take one entry. `folded` keeps the words of the pieces seen so far: entries repeat them."""
        if kind == HARMLESS:
            words = _words_of_entry(entry)
            if words:
                self._harmless.setdefault(words[0].text, []).append(words)
            return
        anchor, stem, count = "", False, 0
        for piece in entry.replace("…", "...").split():
            found = folded.get(piece)
            if found is None:
                found = folded[piece] = words_of(piece.rstrip("*")).split()
            for word in found:
                count += 1
                if len(word) > len(anchor):
                    anchor, stem = word, piece[-1] == "*"
        if not anchor:
            return
        (self._stems if stem else self._exact).setdefault(anchor, []).append(len(self._entries))
        self._entries.append((kind, entry))
        if not stem and (count > 1 or len(anchor) >= LONE_LENGTH):
            self._forgiving.add(anchor)

    def _pattern(self, number: int) -> _Pattern:
        made = self._patterns.get(number)
        if made is None:
            made = self._patterns[number] = _pattern(*self._entries[number])
        return made

    def _without_harmless(self, typed: list[str]) -> list[str]:
        kept: list[str] = []
        at = 0
        while at < len(typed):
            for phrase in self._harmless.get(typed[at], ()):
                there = typed[at : at + len(phrase)]
                if len(there) == len(phrase) and all(map(_Word.means, phrase, there)):
                    kept.append("")
                    at += len(phrase)
                    break
            else:
                kept.append(typed[at])
                at += 1
        return kept

    def _search(self, typed: list[str], found: dict[str, bool]) -> None:
        """Add kind -> softened for each hit; a hit that is not negated wins."""
        forms = [frozenset(_forms(word)) for word in typed]
        present = frozenset().union(*forms)
        for pattern, places in self._candidates(forms):
            if not pattern.needed <= present:
                continue
            for start in pattern.starts(forms, places):
                before = typed[max(0, start - NEGATION_REACH) : start]
                softened = not NEGATIONS.isdisjoint(before)
                found[pattern.kind] = found.get(pattern.kind, True) and softened

    def _candidates(self, typed: list[frozenset[str]]) -> Iterator[tuple[_Pattern, list[int]]]:
        """Patterns whose longest word is in the message, each with its places; the first and last few tell enough."""
        places: dict[str, list[int]] = {}
        for at, forms in enumerate(typed):
            for anchor in {anchor for form in forms for anchor in self._anchors(form)}:
                places.setdefault(anchor, []).append(at)
        for anchor, found in places.items():
            ends = found[: MAX_PLACES // 2] + found[-MAX_PLACES // 2 :]
            for number in (*self._exact.get(anchor, ()), *self._stems.get(anchor, ())):
                yield self._pattern(number), found if len(found) <= MAX_PLACES else ends

    def _anchors(self, form: str) -> Iterator[str]:
        if form in self._exact:
            yield form
        for length in self._stem_lengths:
            if length > len(form):
                break
            if form[:length] in self._stems:
                yield form[:length]
        for shape in _shapes(form):
            yield from self.slips().get(shape, ())


def _pattern(kind: str, entry: str) -> _Pattern:
    words = _words_of_entry(entry)
    needed = frozenset(word.text for word in words if not word.stem and len(word.text) < TYPO_LENGTH - 1)
    place = max(range(len(words)), key=lambda at: len(words[at].text))
    return _Pattern(kind, words, needed, place, any_order=TOGETHER in entry.split())


def _words_of_entry(entry: str) -> tuple[_Word, ...]:
    words = []
    gap = False
    for piece in entry.replace("…", "...").split():
        if piece == "...":
            gap = True
        else:
            for word in words_of(piece.rstrip("*")).split():
                words.append(_Word(word, stem=piece.endswith("*"), gap=gap))
                gap = False
    return (replace(words[0], lone=True),) if len(words) == 1 else tuple(words)


def _forms(word: str) -> Iterator[str]:
    """A typed word, and what is left of it without the Arabic words written together with it."""
    yield word
    if not word.isascii():
        for prefix in _PROCLITICS:
            if word.startswith(prefix) and len(word) - len(prefix) >= _STEM_LEFT:
                yield word[len(prefix) :]


def _shapes(word: str) -> Iterator[str]:
    """The word and the word with one letter left out: what two words share when one slip lies between them."""
    if len(word) >= TYPO_LENGTH - 1:
        yield word
        for at in range(1, len(word)):
            yield word[:at] + word[at + 1 :]


def _slipped(wanted: str, typed: str) -> bool:
    """Whether `typed` is `wanted` with one letter missing, doubled, swapped, or (in long words) wrong."""
    length = len(wanted) if wanted.isascii() else len(wanted) - OTHER_SCRIPT
    if length < TYPO_LENGTH - 1 or not typed or typed[0] != wanted[0] or abs(len(wanted) - len(typed)) > 1:
        return False
    same = len(typed) == len(wanted)
    if length < TYPO_LENGTH and len(typed) > len(wanted):
        return False  # four letters: only one left out, or two swapped
    if same and length < SWAP_LENGTH and sorted(typed) != sorted(wanted):
        return False
    return OSA.distance(wanted, typed, score_cutoff=1) <= 1
