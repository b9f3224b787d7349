"""The identifiers of our records, and our words as HSDS taxonomies: each word is a term that keeps its id for ever."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid5

from bot.directory.model import SAFE_ANSWERS, Taxonomy, Texts, pick
from bot.directory.record_format import ACCESS

Object = dict[str, object]
"""A JSON object."""

NAMESPACE: Final = UUID("6f2d0a52-64a5-5c0e-9a1e-3f7f6f3c9d11")
"""Ours. It never changes: the ids of everything that was ever exported hang on it."""

NEEDS: Final = "needs"
POPULATIONS: Final = "populations"
SAFETY: Final = "safety"
ACCESS_WAYS: Final = "access"
DETAILS: Final = "details"
TEXTS: Final = "texts"

TAXONOMIES: Final[Mapping[str, str]] = {
    NEEDS: "What people ask for",
    POPULATIONS: "Whom a service is for",
    SAFETY: "What is known about the dangers of asking for help there; the value is yes or no, what is unknown is left out",
    ACCESS_WAYS: "The ways in",
    DETAILS: "What HSDS has no field for; the value says it",
    TEXTS: "A text in one language, under the name of its field",
}
"""Taxonomy -> what it holds."""

DETAIL_WORDS: Final = ("service", "kind", "country", "documents", "remote", "demo")
TEXT_FIELDS: Final = (
    "name", "description", "next_step", "not_offered", "documents_note", "must_report_when", "notice", "label",
)  # fmt: skip

PREFIX: Final = "Fener "
"""Before the names of our taxonomies, so that nobody takes them for somebody else's."""


def ident(*parts: str) -> str:
    """The UUID of a record, from what it is and our own ids: the same for ever, on every installation."""
    return str(uuid5(NAMESPACE, "/".join(parts)))


def organisation_id(organisation: str) -> str:
    """The UUID of an organisation."""
    return ident("organization", organisation)


def service_id(organisation: str, service: str) -> str:
    """The UUID of a service."""
    return ident("service", organisation, service)


def taxonomy_id(taxonomy: str) -> str:
    """The UUID of one of our taxonomies."""
    return ident("taxonomy", taxonomy)


def term_id(taxonomy: str, code: str) -> str:
    """The UUID of a term."""
    return ident("taxonomy_term", taxonomy, code)


@dataclass(frozen=True, slots=True)
class Term:
    """One word of one taxonomy. `language` is set where it stands for a text in one language.

    `same` are the terms of Open Eligibility that mean the same.
    """

    taxonomy: str
    code: str
    labels: Texts
    parent: str = ""
    language: str = ""
    same: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its UUID."""
        return term_id(self.taxonomy, self.code)

    def as_json(self, language: str) -> Object:
        """The HSDS taxonomy_term, named in `language` where we have that."""
        name = pick(self.labels, language) or self.code
        same = f" (Open Eligibility: {'; '.join(self.same)})" if self.same else ""
        found: Object = {
            "id": self.id,
            "code": self.code,
            "name": name,
            "description": f"{TAXONOMIES[self.taxonomy]}: {name}{same}",
            "taxonomy": PREFIX + self.taxonomy,
            "taxonomy_id": taxonomy_id(self.taxonomy),
        }
        if self.parent:
            found["parent_id"] = term_id(self.taxonomy, self.parent)
        if self.language:
            found["language"] = self.language
        return found


def taxonomy_json(taxonomy: str) -> Object:
    """One of our taxonomies as HSDS has it."""
    return {"id": taxonomy_id(taxonomy), "name": PREFIX + taxonomy, "description": TAXONOMIES[taxonomy]}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every term by taxonomy and code, and by its UUID."""

    terms: Mapping[tuple[str, str], Term]
    by_id: Mapping[str, Term] = field(repr=False)

    @classmethod
    def build(cls, taxonomy: Taxonomy, languages: Iterable[str]) -> "Vocabulary":
        """The terms of a release, and those for texts in `languages`."""
        attributes = taxonomy.attributes
        safety = sorted({*SAFE_ANSWERS, *attributes, *(one.field for one in attributes.values())})
        listed = [
            *(Term(NEEDS, one.id, one.label, one.parent, same=one.terms) for one in taxonomy.needs.values()),
            *(
                Term(POPULATIONS, one.id, one.label, one.parent, same=one.terms)
                for one in taxonomy.populations.values()
            ),
            *(Term(SAFETY, word, _safety_label(taxonomy, word)) for word in safety),
            *(Term(ACCESS_WAYS, word, _english(word)) for word in ACCESS),
            *(Term(DETAILS, word, _english(word)) for word in DETAIL_WORDS),
            *(
                Term(TEXTS, f"{name}:{code}", {"en": f"{name.replace('_', ' ')} ({code})"}, language=code)
                for name in TEXT_FIELDS
                for code in sorted(languages)
            ),
        ]
        terms = {(one.taxonomy, one.code): one for one in listed}
        return cls(terms, {one.id: one for one in listed})

    def below(self, term: Term) -> frozenset[str]:
        """The codes of a term and of everything under it."""
        found = [term.code]
        for code in found:
            found += [
                one.code
                for one in self.terms.values()
                if one.taxonomy == term.taxonomy and one.parent == code and one.code not in found
            ]
        return frozenset(found)


def _safety_label(taxonomy: Taxonomy, word: str) -> Texts:
    """What an answer of yes means. A label such as "does not tell the authorities" would turn it round."""
    known = taxonomy.attributes.get(word)
    return known.label if known and known.field == word and known.answer == "yes" else _english(word)


def _english(word: str) -> Texts:
    return {"en": word.replace("_", " ")}
