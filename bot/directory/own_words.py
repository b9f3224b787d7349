"""How far a person's own words lead to each service: by its names, and less far by what people call its needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.directory.columns import Columns, Rows, Scores
from bot.directory.model import Taxonomy
from bot.directory.naming import names
from bot.directory.need_words import NeedWords
from bot.directory.places import Fold
from bot.directory.text_index import TextIndex

NEED: Final = 0.5
"""What words count that name what a service is for, and not the service."""

SURE: Final = 0.75
"""So much alike a name is what was meant, and no misspelt need is looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnWords:
    """The names and the needs of the services of `columns`, ready to be looked for."""

    _fold: Fold
    _count: int
    _names: TextIndex
    _need_words: NeedWords
    _under: Mapping[str, tuple[str, ...]]
    _needs: Mapping[str, Rows]

    @classmethod
    def build(cls, columns: Columns, taxonomy: Taxonomy, fold: Fold) -> "OwnWords":
        """Index them once."""
        return cls(
            fold,
            len(columns.services),
            TextIndex.build(names(columns.services, fold)),
            NeedWords.build(taxonomy, fold),
            {need: taxonomy.under(need) for need in taxonomy.needs},
            columns.needs,
        )

    def lead(self, text: str, need: str, rows: Rows) -> Scores | None:
        """How far `text` leads to each of `rows`, 0 to 1; None where it leads nowhere.

        `need` is asked for anyway: that words name it says nothing.
        """
        if not text or not rows.size:
            return None
        folded = self._fold(text)
        named = self._names.search(folded, rows, self._count)
        meant = [
            self._needs[below]
            for each in self._meant(folded, max(named.values(), default=0.0))
            for below in (self._under[each] if each != need else ())
            if below in self._needs
        ]
        found = self._for_any(meant)[rows] if meant else np.zeros(len(rows), np.float32)
        if named:
            at = np.searchsorted(rows, list(named))
            found[at] = np.maximum(found[at], list(named.values()))
        return found if found.any() else None

    def _for_any(self, listed: Sequence[Rows]) -> Scores:
        """What every service gets for standing in one of these lists."""
        points = np.zeros(self._count, np.float32)
        for one in listed:
            points[one] = NEED
        return points

    def _meant(self, folded: str, likeness: float) -> tuple[str, ...]:
        needs = self._need_words.named(folded)
        return needs if needs or likeness >= SURE else self._need_words.meant(folded)
