"""Places by the names people give them, and how places lie inside and near one another."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from babel import Locale
from rapidfuzz import fuzz, process

from bot.directory.model import Place, pick

Fold = Callable[[str], str]
"""The one folding that index and query share (bot.nlu.normalise.fold)."""

SURE: Final = 1.0
_SHORT: Final = 3  # shorter names are only found as they are
_NEARLY: Final = 0.99
_INSIDE: Final = 0.95
_PERHAPS: Final = 0.7
_NO_WORD: Final = re.compile(r"[^\w-]+")
_ENOUGH: Final = 80.0  # percent alike; below it another place is more likely meant than this one
_EARTH_KM: Final = 6371.0
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """All places of one release. Build with `Places.build`.

    Countries are there by their ISO code even where no file describes them.
    """

    by_id: Mapping[str, Place]
    countries: frozenset[str]
    _names: Mapping[str, tuple[str, ...]]
    _around: Mapping[str, tuple[str, ...]]
    _within: Mapping[str, frozenset[str]]
    _fold: Fold

    @classmethod
    def build(cls, places: Iterable[Place], *, fold: Fold) -> "Places":
        """Index the names of `places` under `fold`."""
        by_id = {place.id: place for place in places}
        names: dict[str, tuple[str, ...]] = {}
        for place in by_id.values():
            spellings = [place.id, place.id.partition("-")[2]] + [
                name for listed in place.names.values() for name in listed
            ]
            for name in spellings:
                folded = fold(name)
                if folded and place.id not in names.get(folded, ()):
                    names[folded] = (*names.get(folded, ()), place.id)
        countries = frozenset(place.country for place in by_id.values())
        around = {ident: _around(by_id, ident) for ident in (*by_id, *countries)}
        within: dict[str, set[str]] = {code: set() for code in countries}
        for ident in by_id:
            for above in around[ident][1:]:
                within.setdefault(above, set()).add(ident)
        closed = {above: frozenset(below) for above, below in within.items()}
        return cls(by_id, countries, names, around, closed, fold)

    def find(self, text: str, limit: int = 3) -> tuple[tuple[str, float], ...]:
        """Place ids that `text` may mean, the likeliest first, each with 0 to 1; 1 only for a name as written."""
        folded = self._fold(text)
        exact = self._names.get(folded, ())
        if exact or not folded:
            return tuple((place, SURE) for place in sorted(exact))[:limit]
        names = self._named_inside(folded)
        if len(folded) > _SHORT:
            near = process.extract(
                folded, self._names.keys(), scorer=fuzz.ratio, score_cutoff=_ENOUGH, limit=4 * limit
            )
            names += [(name, min(score / 100, _NEARLY)) for name, score, _ in near]
        found: dict[str, float] = {}
        for name, score in sorted(names, key=lambda one: (-one[1], one[0])):
            for place in self._names[name]:
                found.setdefault(place, round(score, 3))
        below: dict[
            str, float
        ] = {}  # a country named with its city is the city, unless it was written better
        for place, score in found.items():
            for higher in self.around(place)[1:]:
                below[higher] = max(below.get(higher, 0.0), score)
        kept = [(place, score) for place, score in found.items() if score > below.get(place, 0.0)]
        return tuple(sorted(kept, key=lambda one: (-one[1], one[0]))[:limit])

    def _named_inside(self, folded: str) -> list[tuple[str, float]]:
        """Names that stand whole inside a longer text; short ones may be other words and count less."""
        words = f" {_NO_WORD.sub(' ', folded)} "
        return [
            (name, _INSIDE if len(name) > _SHORT else _PERHAPS)
            for name in self._names
            if len(name) >= _SHORT and f" {name} " in words
        ]

    def resolve(self, word: str) -> str | None:
        """The place id that `word` is: an id, a country code, or the name of exactly one place."""
        if word in self.by_id:
            return word
        code = word.upper()
        if code in self.by_id or code in self.countries or word in _territories():
            return code
        named = self._names.get(self._fold(word), ())
        return named[0] if len(named) == 1 else None

    def known(self, place: str) -> bool:
        """Whether `place` is an id, or the code of a country."""
        return place in self.by_id or place in self.countries or place in _territories()

    def words(self) -> tuple[str, ...]:
        """Every id and country code that is written down, sorted."""
        return tuple(sorted({*self.by_id, *self.countries}))

    def country_of(self, place: str) -> str | None:
        """The ISO code of the country a place lies in."""
        known = self.by_id.get(place)
        if known:
            return known.country
        return place if place in self.countries or place in _territories() else None

    def name(self, place: str, language: str) -> str:
        """What a place is called in `language`; its id when nobody wrote that down."""
        known = self.by_id.get(place)
        first = {code: listed[0] for code, listed in known.names.items() if listed} if known else {}
        return pick(first, language) or place

    def around(self, place: str) -> tuple[str, ...]:
        """`place` and everything it lies in, up to the country's code."""
        return self._around.get(place, (place,))

    def within(self, place: str) -> frozenset[str]:
        """Every place that lies in `place`, without itself."""
        return self._within.get(place, frozenset())


@lru_cache(maxsize=1)
def _territories() -> frozenset[str]:
    """The two-letter codes of all countries, XK among them (CLDR)."""
    codes = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in codes if _COUNTRY.fullmatch(code))


def _around(by_id: Mapping[str, Place], place: str) -> tuple[str, ...]:
    found: list[str] = []
    at = place
    while at and at not in found:
        found.append(at)
        at = by_id[at].parent if at in by_id else ""
    country = by_id[place].country if place in by_id else ""
    return (*found, country) if country and country not in found else tuple(found)


def distance(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Kilometres between two positions in degrees (haversine)."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*here, *there))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * _EARTH_KM * math.asin(math.sqrt(half))
