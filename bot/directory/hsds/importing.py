"""Organisations of an HSDS package as records of ours: unverified, with their source, and a list of what was left out."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, cast

from bot.directory.hsds.objects import SCHEME
from bot.directory.hsds.records import Record
from bot.directory.hsds.taking import (
    Taken,
    take_address,
    take_areas,
    take_capacity,
    take_cost,
    take_documents,
    take_hours,
    take_languages,
    take_phones,
)
from bot.directory.hsds.terms import Said, Words
from bot.directory.hsds.vocabulary import ACCESS_WAYS, NEEDS, POPULATIONS, SAFETY
from bot.directory.model import (
    KINDS,
    SAFE_ANSWERS,
    Answer,
    Organisation,
    Safety,
    Service,
    Source,
    Status,
    Taxonomy,
)
from bot.directory.places import Fold, Places
from bot.directory.reading import ID
from bot.directory.record_format import ACCESS
from bot.kernel.problems import Problem, Severity

HSDS: Final = "hsds"
"""The field of the source that names the record of the package."""

_STATUS: Final[Mapping[str, Status]] = {
    "active": "active",
    "inactive": "paused",
    "temporarily closed": "paused",
    "defunct": "closed",
}
_NOTED: Final = (
    "email", "fees_description", "wait_time", "fees", "accreditations", "licenses",
)  # fmt: skip
_NOTED_OF_OTHERS: Final = ("alternate_name", "interpretation_services", "eligibility_description", "alert")
"""What an export of ours makes from other fields, or says for some days; in a package of others it is news."""

_READ: Final[Mapping[str, frozenset[str]]] = {
    "organization": frozenset(
        {"id", "name", "alternate_name", "description", "website", "organization_identifiers", "services", "attributes", "locations", "phones"}
    ),
    "service": frozenset(
        {
            "id", "organization_id", "organization", "name", "description", "url", "status", "application_process",
            "minimum_age", "maximum_age", "assured_date", "last_modified", "phones", "schedules", "service_areas",
            "service_at_locations", "languages", "cost_options", "required_documents", "capacities", "attributes",
            "metadata", *_NOTED, *_NOTED_OF_OTHERS,
        }
    ),
}  # fmt: skip
_OF_HSDS: Final[Mapping[str, frozenset[str]]] = {
    "organization": frozenset(
        {
            "email", "tax_status", "tax_id", "year_incorporated", "legal_status", "logo", "uri",
            "parent_organization_id", "funding", "contacts", "programs", "metadata", "additional_websites",
        }
    ),
    "service": frozenset({"program_id", "program", "assurer_email", "funding", "contacts", "additional_urls"}),
}  # fmt: skip
"""What HSDS knows and our format has no place for. Contacts are people's names: they are never taken over."""

_AGE: Final = re.compile(r"(1?[0-9]{1,2})(?:\.0+)?", re.ASCII)
_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_ID: Final = 40
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_URL: Final = re.compile(r"https?://[^\s/]+\.[^\s]+")
_LONGEST_URL: Final = 2000
_MOST_SAID: Final = 60


@dataclass(frozen=True, slots=True)
class Terms:
    """How to take over: where the package came from and when, and what it does not say itself.

    `language` is the language of texts that do not say theirs. `needs` maps terms to our needs.
    """

    source: str
    on: date
    country: str = ""
    language: str = "en"
    needs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """One organisation as the package has it. `ours`: it was exported by a Fener, and holds only public things."""

    organisation: Organisation
    hsds: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Drafts:
    """What a package gives, and what of it was left out: HSDS fields, unknown fields and terms, each with a count."""

    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]
    left_out: Mapping[str, int]
    unknown_fields: Mapping[str, int]
    unknown_terms: Mapping[str, int]


def drafts_of(
    packages: Sequence[Record], terms: Terms, taxonomy: Taxonomy, places: Places, *, fold: Fold
) -> Drafts:
    """Read organisations with their services. What cannot be read is a problem, and nothing else suffers from it."""
    taker = _Taker(terms, taxonomy, places, fold)
    drafts = [draft for record in packages if (draft := taker.organisation(record))]
    return Drafts(
        tuple(drafts),
        tuple(taker.problems),
        dict(taker.left_out),
        dict(taker.unknown_fields),
        dict(taker.unknown_terms),
    )


class _Taker:
    """Goes through one package."""

    def __init__(self, terms: Terms, taxonomy: Taxonomy, places: Places, fold: Fold) -> None:
        self.problems: list[Problem] = []
        self.left_out: Counter[str] = Counter()
        self.unknown_fields: Counter[str] = Counter()
        self.unknown_terms: Counter[str] = Counter()
        self._terms = terms
        self._taxonomy = taxonomy
        self._places = places
        self._fold = fold
        self._words = Words.of(taxonomy, fold, terms.needs, self.unknown_terms)
        self._ids = Idents()

    def organisation(self, record: Record) -> Draft | None:
        """One organisation with those of its services that can be taken over."""
        self._look_over("organization", record)
        said = Said.by(record)
        own = next(
            (
                one.get("identifier")
                for one in record.all("organization_identifiers")
                if one.get("identifier_scheme") == SCHEME
            ),
            "",
        )
        language = "en" if own else self._terms.language
        name = said.texts("name", record.get("name"), language)
        country = self._country(record, said)
        if not name or not country:
            return None
        ident = own if ID.fullmatch(own) else f"{country.lower()}-{self._slug(next(iter(name.values())))}"
        ident = self._ids.free(ident)
        website = record.get("website")
        taken = Taken(self._places, country, language, bool(own))
        idents = Idents()
        read = [self._service(record, each, taken, idents) for each in record.all("services")]
        kind = said.detail("kind")
        organisation = Organisation(
            id=ident,
            name=name,
            country=country,
            kind=kind if kind in KINDS else "ngo",
            website=_address(website),
            description=said.texts("description", record.get("description"), language),
            demo=said.detail("demo") == "yes",
            services=tuple(service for service in read if service is not None),
            sources=(self._source(record),),
        )
        return Draft(organisation, record.get("id"), bool(own))

    def _service(
        self, organisation: Record, record: Record, taken: Taken, idents: "Idents"
    ) -> Service | None:
        self._look_over("service", record)
        said = Said.by(record)
        name = said.texts("name", record.get("name"), taken.language)
        if not name:
            self._fault("D602", record, "name", "this service has no name", "give it one")
            return None
        needs, populations = self._words.sort(said.others)
        needs = tuple(dict.fromkeys((*self._known(said.codes(NEEDS), self._taxonomy.needs), *needs)))
        if not needs:
            mend = "map its terms to needs with --need-map"
            shown = next(iter(name.values()))[:_MOST_SAID]
            self._fault(
                "D604", record, "attributes", f"no need of ours is known for '{shown}'", mend, warning=True
            )
            return None
        populations = (*self._known(said.codes(POPULATIONS), self._taxonomy.populations), *populations)
        status = record.get("status")
        if status and status not in _STATUS:
            mend = f"write one of: {', '.join(_STATUS)}"
            self._fault("D605", record, "status", "a service cannot have this status", mend, warning=True)
        when = said.texts("must_report_when", "", taken.language)
        website = record.get("url")
        own = said.detail("service")
        ident = own if ID.fullmatch(own) else self._slug(next(iter(name.values())))
        documents, note = take_documents(record, said, taken)
        return Service(
            id=idents.free(ident),
            name=name,
            needs=needs,
            status=_STATUS.get(status, "paused" if status else "active"),
            description=said.texts("description", record.get("description"), taken.language),
            populations=tuple(dict.fromkeys(populations)),
            age=self._ages(record),
            languages=take_languages(record),
            cost=take_cost(record),
            documents=documents,
            documents_note=note,
            safety=self._safety(said, when),
            access=tuple(way for way in said.codes(ACCESS_WAYS) if way in ACCESS),
            phones=take_phones(organisation, record, taken),
            address=take_address(record, taken),
            hours=take_hours(record, taken),
            areas=take_areas(record, taken),
            remote=said.detail("remote") == "yes",
            not_offered=said.texts("not_offered", "", taken.language),
            next_step=said.texts("next_step", record.get("application_process"), taken.language),
            capacity=take_capacity(record),
            website=_address(website),
            note=self._note(record, taken),
            sources=(self._source(record),),
            demo=said.detail("demo") == "yes",
        )

    def _country(self, record: Record, said: Said) -> str:
        located = [
            *record.all("locations"),
            *(
                location
                for service in record.all("services")
                for there in service.all("service_at_locations")
                for location in there.all("location")
            ),
        ]
        told = [address.get("country") for place in located for address in place.all("addresses")]
        for code in (said.detail("country"), *told, self._terms.country):
            if _COUNTRY.fullmatch(code):
                return code
        if not record.get("name"):
            self._fault("D602", record, "name", "this organisation has no name", "give it one")
        else:
            mend = "say it for all such organisations: --country RS"
            self._fault(
                "D606",
                record,
                "name",
                "nothing says in which country this organisation is",
                mend,
                warning=True,
            )
        return ""

    def _ages(self, record: Record) -> tuple[int | None, int | None] | None:
        ages: list[int | None] = []
        for name in ("minimum_age", "maximum_age"):
            written = record.get(name)
            found = _AGE.fullmatch(written)
            if written and found is None:
                self._fault("D605", record, name, "this is not an age in years", "write 18", warning=True)
            ages.append(int(found[1]) if found else None)
        low, high = ages
        if low is not None and high is not None and low > high:
            self._fault(
                "D605", record, "maximum_age", "the ages end before they start", "swap them", warning=True
            )
            return None
        return None if low is None and high is None else (low, high)

    def _safety(self, said: Said, when: Mapping[str, str]) -> Safety:
        known = {*SAFE_ANSWERS, *(one.field for one in self._taxonomy.attributes.values())}
        answers = {
            code: cast("Answer", value)
            for code, value in said.ours.get(SAFETY, ())
            if value in {"yes", "no"} and code in known and code != "no_documents"
        }
        if when:
            answers["must_report"] = "yes"
        return Safety(answers, when)

    def _note(self, record: Record, taken: Taken) -> str:
        """What has no field of its own here, for admins; a vetter finds it there."""
        names = _NOTED if taken.ours else (*_NOTED, *_NOTED_OF_OTHERS)
        said = [f"{name}: {record.get(name)}" for name in names if record.get(name)]
        if not taken.ours and not take_hours(record, taken):
            said += [
                f"hours: {row.get('description')}"
                for row in record.all("schedules")
                if row.get("description")
            ]
        return "; ".join(said)

    def _source(self, record: Record) -> Source:
        return Source(HSDS, self._terms.source, self._terms.on, value=record.get("id"))

    def _known(self, codes: Sequence[str], known: Mapping[str, object]) -> tuple[str, ...]:
        """Our own words that this directory has, too; the others count as unknown terms."""
        for code in codes:
            if code not in known:
                self.unknown_terms[code] += 1
        return tuple(code for code in codes if code in known)

    def _slug(self, name: str) -> str:
        return _NO_LETTER.sub("-", self._fold(name)).strip("-")[:_LONGEST_ID].strip("-") or "unnamed"

    def _look_over(self, table: str, record: Record) -> None:
        """Count the fields that are not read."""
        for name in (*record.values, *record.parts):
            if name in _OF_HSDS[table]:
                self.left_out[f"{table}.{name}"] += 1
            elif name not in _READ[table]:
                self.unknown_fields[f"{table}.{name}"] += 1

    def _fault(
        self, code: str, record: Record, name: str, message: str, mend: str, *, warning: bool = False
    ) -> None:
        severity: Severity = "warning" if warning else "error"
        self.problems.append(Problem(code, record.mark_of(name), message, mend, severity))


class Idents:
    """Gives out ids, each once."""

    def __init__(self, used: Iterable[str] = ()) -> None:
        self._used = set(used)
        self._numbers: Counter[str] = Counter()

    def free(self, ident: str) -> str:
        """The id, with a number behind it where it is taken."""
        found = ident
        while found in self._used:
            self._numbers[ident] += 1
            found = f"{ident}-{self._numbers[ident] + 1}"
        self._used.add(found)
        return found


def _address(website: str) -> str:
    """The address of a page, if it is one. What is longer than any is not even compared: that takes time without end."""
    return website if len(website) <= _LONGEST_URL and _URL.fullmatch(website) else ""
