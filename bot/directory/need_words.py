"""Which needs a person's own words name, in any language of the vocabulary: labels, and how people say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from bot.directory.model import Taxonomy
from bot.directory.places import Fold

LIKE: Final = 80
"""Of a hundred: so much alike a misspelt text is to what people call a need."""

_LONGER: Final = 2  # letters that a misspelt phrase may have more or less

_LONGEST: Final = 5  # words of one phrase that are looked for inside a longer text


@dataclass(frozen=True, slots=True, eq=False)
class NeedWords:
    """The phrases of a vocabulary, folded, each with the needs it names; and the phrases about as long as a text."""

    _needs: Mapping[str, tuple[str, ...]]
    _as_long: Mapping[int, tuple[str, ...]]

    @classmethod
    def build(cls, taxonomy: Taxonomy, fold: Fold) -> "NeedWords":
        """Every label and word of every need."""
        needs: dict[str, dict[str, None]] = {}
        for need in taxonomy.needs.values():
            for text in (*need.label.values(), *(word for words in need.words.values() for word in words)):
                if phrase := fold(text):
                    needs.setdefault(phrase, {})[need.id] = None
        lengths = {len(phrase) + more for phrase in needs for more in range(-_LONGER, _LONGER + 1)}
        return cls(
            {phrase: tuple(found) for phrase, found in needs.items()},
            {
                length: tuple(phrase for phrase in needs if abs(len(phrase) - length) <= _LONGER)
                for length in lengths
            },
        )

    def named(self, folded: str) -> tuple[str, ...]:
        """The needs whose phrases stand in `folded` as whole words."""
        words = folded.split()
        found: dict[str, None] = {}
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + _LONGEST) + 1):
                found.update(dict.fromkeys(self._needs.get(" ".join(words[start:end]), ())))
        return tuple(found)

    def meant(self, folded: str) -> tuple[str, ...]:
        """The needs whose phrases `folded` misspells as a whole."""
        phrases = self._as_long.get(len(folded), ())
        best = process.extractOne(folded, phrases, scorer=fuzz.ratio, score_cutoff=LIKE)
        return self._needs[best[0]] if best else ()
