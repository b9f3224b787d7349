"""The public directory of one day, ready to be asked: what passes a filter, in an order that pages can rely on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from bot.directory.hsds.objects import Objects, at_location_id, words_of
from bot.directory.hsds.public import Listed, listed_today
from bot.directory.hsds.vocabulary import (
    TAXONOMIES,
    Term,
    Vocabulary,
    organisation_id,
    service_id,
    taxonomy_id,
)
from bot.directory.matching import Directory
from bot.directory.model import Organisation, Service, Texts
from bot.directory.places import Fold, Places
from bot.directory.text_index import TextIndex

ENGLISH: Final = "en"
ALIKE: Final = 0.35
"""What has less in common with the words that were searched for is chance."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which services are asked for; every part that is set must hold. `modified_after` is aware."""

    search: str = ""
    taxonomy_term_id: str = ""
    taxonomy_id: str = ""
    organization_id: str = ""
    modified_after: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """What everybody may know on one day. Build with `Published.build`; it holds nothing that is not public."""

    listed: tuple[Listed, ...]
    organisations: Mapping[str, Organisation]
    languages: frozenset[str]
    vocabulary: Vocabulary
    places: Places
    today: date
    _services: Mapping[str, Listed] = field(repr=False)
    _at_locations: Mapping[str, Listed] = field(repr=False)
    _of: Mapping[str, tuple[Listed, ...]] = field(repr=False)
    _index: TextIndex = field(repr=False)
    _fold: Fold = field(repr=False)

    @classmethod
    def build(cls, directory: Directory, today: date, *, fold: Fold, demo: bool = False) -> "Published":
        """Take from `directory` what may leave on `today` (UTC)."""
        listed = listed_today(directory.organisations.values(), today, demo=demo)
        languages = frozenset(code for each in listed for texts in _texts(each) for code in texts) | {ENGLISH}
        of: dict[str, tuple[Listed, ...]] = {}
        for each in listed:
            ours = organisation_id(each.organisation.id)
            of[ours] = (*of.get(ours, ()), each)
        return cls(
            listed=listed,
            organisations={ours: theirs[0].organisation for ours, theirs in of.items()},
            languages=languages,
            vocabulary=Vocabulary.build(directory.taxonomy, languages),
            places=directory.places,
            today=today,
            _services={service_id(each.organisation.id, each.service.id): each for each in listed},
            _at_locations={at_location_id(each): each for each in listed if each.service.address},
            _of=of,
            _index=TextIndex.build(_names(listed, fold)),
            _fold=fold,
        )

    def objects(self, language: str) -> Objects:
        """What makes HSDS objects in `language`."""
        return Objects(language, self.vocabulary, self.places, self.today)

    def language(self, asked: Iterable[str]) -> str:
        """The first of the languages asked for in which anything is said here, else English."""
        for code in asked:
            for name in (code, code.split("-", maxsplit=1)[0]):
                if name in self.languages:
                    return name
        return ENGLISH

    def service(self, ident: str) -> Listed | None:
        """The service with this UUID."""
        return self._services.get(ident)

    def at_location(self, ident: str) -> Listed | None:
        """The service whose being at its public address has this UUID."""
        return self._at_locations.get(ident)

    def services_of(self, organisation: str) -> tuple[Listed, ...]:
        """The services of the organisation with this UUID."""
        return self._of.get(organisation, ())

    def services(self, wanted: Wanted) -> Sequence[Listed]:
        """The services that fit, in order of organisation and service; those searched for by words, best first."""
        found: Sequence[Listed] = self._searched(wanted.search) if wanted.search else self.listed
        term = self.vocabulary.by_id.get(wanted.taxonomy_term_id) if wanted.taxonomy_term_id else None
        if wanted.taxonomy_term_id and term is None:
            return ()
        words = self.vocabulary.below(term) if term else frozenset()
        taxonomy = next((name for name in TAXONOMIES if taxonomy_id(name) == wanted.taxonomy_id), "")
        if wanted.taxonomy_id and not taxonomy:
            return ()
        return [
            each
            for each in found
            if (not wanted.organization_id or organisation_id(each.organisation.id) == wanted.organization_id)
            and (term is None or not words.isdisjoint(codes_of(each.service, term.taxonomy)))
            and (not taxonomy or codes_of(each.service, taxonomy))
            and (wanted.modified_after is None or _since(each, wanted.modified_after))
        ]

    def at_locations(self, wanted: Wanted) -> Sequence[Listed]:
        """The services that fit and have a public address."""
        return [each for each in self.services(wanted) if each.service.address]

    def organisations_named(self, search: str) -> Sequence[Organisation]:
        """The organisations in whose names all these words stand; all of them without words."""
        return [each for each in self.organisations.values() if self._said(search, each.name)]

    def terms(
        self, search: str = "", taxonomy: str = "", parent: str = "", *, top: bool = False
    ) -> Sequence[Term]:
        """The terms that fit. `taxonomy` and `parent` are UUIDs; `top` leaves out those that stand below another."""
        above = self.vocabulary.by_id.get(parent) if parent else None
        if parent and above is None:
            return ()
        return [
            term
            for term in self.vocabulary.terms.values()
            if (not taxonomy or taxonomy_id(term.taxonomy) == taxonomy)
            and (above is None or (term.taxonomy, term.parent) == (above.taxonomy, above.code))
            and not (top and term.parent)
            and self._said(search, {**term.labels, "": term.code})
        ]

    def taxonomies(self, search: str = "") -> Sequence[str]:
        """The names of the taxonomies that fit."""
        return [name for name, what in TAXONOMIES.items() if self._said(search, {"en": f"{name} {what}"})]

    def _searched(self, search: str) -> Sequence[Listed]:
        among = np.arange(len(self.listed), dtype=np.int32)
        found = self._index.search(self._fold(search), among, len(self.listed))
        best = sorted(((-score, row) for row, score in found.items() if score >= ALIKE))
        return [self.listed[row] for _, row in best]

    def _said(self, search: str, texts: Texts) -> bool:
        words = self._fold(search).split()
        return all(any(word in self._fold(text) for text in texts.values()) for word in words)


def codes_of(service: Service, taxonomy: str) -> frozenset[str]:
    """The words of one taxonomy that are said of a service."""
    return frozenset(code for name, code, _ in words_of(service) if name == taxonomy)


def _since(listed: Listed, moment: datetime) -> bool:
    """Whether it was looked at on this day or later. What nobody dated is never left out."""
    return listed.looked_on is None or listed.looked_on >= moment.astimezone(UTC).date()


def _texts(listed: Listed) -> tuple[Texts, ...]:
    service, organisation = listed.service, listed.organisation
    return (
        organisation.name,
        organisation.description,
        service.name,
        service.description,
        service.next_step,
        service.not_offered,
        service.documents_note,
        service.safety.must_report_when,
        service.notice.text if service.notice else {},
        *(phone.label for phone in service.phones),
    )


def _names(listed: Sequence[Listed], fold: Fold) -> list[tuple[int, str]]:
    """Each service's name with its organisation's, folded, in every language."""
    named: dict[tuple[int, str], None] = {}
    for row, each in enumerate(listed):
        for code in dict.fromkeys((*each.organisation.name, *each.service.name)):
            words = (each.organisation.name.get(code, ""), each.service.name.get(code, ""))
            named[row, fold(" ".join(word for word in words if word))] = None
    return [one for one in named if one[1]]
