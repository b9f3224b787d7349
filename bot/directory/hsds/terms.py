"""The words of a package's taxonomies, ours recognised by their name, others by the map that the operator gives."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.directory.hsds.records import Record
from bot.directory.hsds.vocabulary import DETAILS, PREFIX, TEXTS
from bot.directory.model import Taxonomy, Texts
from bot.directory.places import Fold
from bot.directory.reading import LANGUAGE_CODE

NOTHING: Final = "-"
"""What a map says of a term that stands for no need."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the attributes of one record say: our words by taxonomy, and the terms of others."""

    ours: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    others: tuple[Record, ...] = ()

    @classmethod
    def by(cls, record: Record) -> "Said":
        """Read a record's attributes."""
        ours: dict[str, list[tuple[str, str]]] = {}
        others = []
        for attribute in record.all("attributes"):
            for term in attribute.all("taxonomy_term"):
                taxonomy = _taxonomy_of(term)
                if taxonomy.startswith(PREFIX) and term.get("code"):
                    name = taxonomy.removeprefix(PREFIX)
                    ours.setdefault(name, []).append((term.get("code"), attribute.get("value")))
                else:
                    others.append(term)
        return cls(ours, tuple(others))

    def codes(self, taxonomy: str) -> tuple[str, ...]:
        """The words of one of our taxonomies, each once."""
        return tuple(dict.fromkeys(code for code, _ in self.ours.get(taxonomy, ())))

    def detail(self, word: str) -> str:
        """The value of one of our details."""
        return next((value for code, value in self.ours.get(DETAILS, ()) if code == word), "")

    def texts(self, name: str, main: str, language: str) -> Texts:
        """A text in the languages that attributes give it in, else what its own field says."""
        found = {
            code.partition(":")[2]: value
            for code, value in self.ours.get(TEXTS, ())
            if code.partition(":")[0] == name and value and LANGUAGE_CODE.fullmatch(code.partition(":")[2])
        }
        return found or ({language: main} if main else {})


@dataclass(frozen=True, slots=True)
class Words:
    """Finds what a foreign term is among our needs and populations. `unknown` counts those that are neither."""

    taxonomy: Taxonomy
    fold: Fold
    given: Mapping[str, str]
    unknown: Counter[str]
    _names: Mapping[str, tuple[str, str]] = field(repr=False)

    @classmethod
    def of(cls, taxonomy: Taxonomy, fold: Fold, given: Mapping[str, str], unknown: Counter[str]) -> "Words":
        """`given`: an id, code or name of a term -> one of our needs, or `-` for none."""
        names: dict[str, tuple[str, str]] = {}
        for population in taxonomy.populations.values():
            for name in (population.id, *population.label.values()):
                names.setdefault(fold(name), ("population", population.id))
        for need in taxonomy.needs.values():
            for name in (need.id, *need.label.values()):
                names[fold(name)] = ("need", need.id)
        return cls(taxonomy, fold, {fold(term): need for term, need in given.items()}, unknown, names)

    def sort(self, terms: Sequence[Record]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The needs and the populations that these terms stand for."""
        needs: dict[str, None] = {}
        populations: dict[str, None] = {}
        for term in terms:
            spellings = [
                self.fold(word) for word in (term.get("id"), term.get("code"), term.get("name")) if word
            ]
            given = next((self.given[word] for word in spellings if word in self.given), "")
            if given == NOTHING:
                continue
            kind, name = next((self._names[word] for word in spellings if word in self._names), ("", ""))
            if given or kind == "need":
                needs[given or name] = None
            elif kind == "population":
                populations[name] = None
            else:
                self.unknown[term.get("name") or term.get("code") or term.get("id")] += 1
        return tuple(needs), tuple(populations)


def _taxonomy_of(term: Record) -> str:
    detail = next(iter(term.all("taxonomy_detail")), None)
    return term.get("taxonomy") or (detail.get("name") if detail else "")
