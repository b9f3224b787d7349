"""The directory's records as Open Referral names them: organisations, services, vocabulary, places, the network."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from bot.kernel.problems import Mark

Texts = Mapping[str, str]
"""Language code -> text."""

FACT_WORDS: Final[Mapping[str, str]] = {
    "phone": "phones",
    "telephone": "phones",
    "addresses": "address",
    "opening_hours": "hours",
    "web": "website",
    "url": "website",
}
"""Other words for keys of a record, as a source's `field` may use them."""

Answer = Literal["yes", "no", "unknown"]

Visibility = Literal["public", "matched", "caseworker", "internal"]
"""Who may see a detail: everyone, a person whose need matched, a caseworker, nobody outside the office."""

TIERS: Final[tuple[Visibility, ...]] = ("public", "matched", "caseworker", "internal")

KINDS: Final = ("ngo", "state", "un", "community", "clinic", "hotline", "referral mechanism", "consulate")
"""Kinds of organisations. `referral mechanism`: a state's own for victims of trafficking; `consulate`: of any country."""

SPACES: Final = ("women", "men", "trans", "lgbtiq", "everybody")
"""Which space a team says that it is. A person says which one feels safe; nobody concludes it."""

Status = Literal["active", "paused", "closed", "tombstone"]
VettingState = Literal["unverified", "proposed", "vetted", "suspended", "lapsed"]
CapacityState = Literal["open", "waiting list", "full", "unknown"]
Cost = Literal["free", "sliding", "paid", "unknown"]
Documents = Literal["none", "some", "unknown"]
Spoken = Literal["staff", "interpreter", "phone"]
PlaceKind = Literal["country", "city", "camp", "crossing", "region"]

SAFE_ANSWERS: Final[Mapping[str, Answer]] = {
    "shares_with_authorities": "no",
    "asks_legal_status": "no",
    "sogiesc_trained": "yes",
    "trans_competent": "yes",
    "women_only": "yes",
    "address_confidential": "yes",
    "records_calls": "no",
    "locates_callers": "no",
    "must_report": "no",
    "no_documents": "yes",
}
"""The answer a person means who asks for this attribute: of a danger `no`, of a protection `yes`.

`must_report` and `no_documents` are read off `must report when` and `documents`.
"""

CHECKLIST: Final = ("reached", "agreed", "read_back", "safety_asked", "no_complaint", "independent")
"""What a vetter does before vouching. Each point is answered `yes`, `no` or `unknown` in `checklist`.

`reached`: somebody there answered. `agreed`: they want to be listed. `read_back`: phone, address, hours and languages
were read to them. `safety_asked`: each safety question was put to them. `no_complaint`: no complaint is open.
`independent`: the vetter does not work there.
"""

SHELTER_NEEDS: Final = frozenset({"shelter"})
"""Needs whose addresses never reach a person, whatever a file says."""


def pick(texts: Texts, language: str) -> str:
    """The text in `language`, else in its base language, else in English, else in any; empty when there is none."""
    for code in (language, language.split("-", maxsplit=1)[0], "en"):
        if code in texts:
            return texts[code]
    return next(iter(texts.values()), "")


def visible(what: Visibility, tier: Visibility) -> bool:
    """Whether a detail marked `what` may be seen by someone at `tier`."""
    return TIERS.index(what) <= TIERS.index(tier)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as people dial it. `label` says what it reaches."""

    number: str
    visibility: Visibility = "matched"
    label: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Postal:
    """Where a service is. `place` is a place id or empty."""

    text: str
    place: str = ""
    visibility: Visibility = "caseworker"


@dataclass(frozen=True, slots=True)
class Hours:
    """OpenStreetMap opening hours in an IANA zone; `country` says whose public holidays count."""

    open: str
    zone: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A mobile team at a place, from its first day to its last, at `hours` of these days. Days are of its zone."""

    place: str
    first: date
    last: date
    hours: Hours


@dataclass(frozen=True, slots=True)
class LanguageOffer:
    """A language somebody there speaks, and who: staff, an interpreter, an interpreter by phone."""

    code: str
    by: Spoken = "staff"


@dataclass(frozen=True, slots=True)
class Safety:
    """What is known about the dangers of asking for help there. What is not written is unknown."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    must_report_when: Texts = field(default_factory=dict)

    def of(self, name: str) -> Answer:
        """The answer under `name`."""
        return self.answers.get(name, "unknown")


@dataclass(frozen=True, slots=True)
class Capacity:
    """Whether there is room, as somebody said `on` that day."""

    state: CapacityState = "unknown"
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Vetting:
    """Who vouches for a service and until when. `state` is as written; ask vetting.state_today what holds."""

    state: VettingState = "unverified"
    by: tuple[str, ...] = ()
    on: date | None = None
    expires: date | None = None
    evidence: Texts = field(default_factory=dict)
    checklist: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field was read and when. Sources that disagree keep both values and say `conflict`."""

    field: str
    source: str
    checked_on: date | None = None
    value: str = ""
    quote: str = ""
    page_date: str = ""
    note: str = ""
    conflict: bool = False

    @property
    def about(self) -> str:
        """The key of a record that it speaks of, whatever word `field` uses for it."""
        word = self.field.strip().casefold().replace(" ", "_")
        return FACT_WORDS.get(word, word)


@dataclass(frozen=True, slots=True)
class Notice:
    """A short text for people about what is different these days. It disappears after `until`."""

    text: Texts
    until: date


@dataclass(frozen=True, slots=True)
class Service:
    """One thing an organisation does for people. `age` is inclusive, None is open. `at` holds marks by field.

    `replaced_by` names an organisation, or a service as `organisation/service`. `disputed` are the facts on which
    the sources of its organisation disagree; of both together tells `contested`.
    One with `visits` is there only while one of them is not over.
    """

    id: str
    name: Texts
    needs: tuple[str, ...]
    status: Status = "active"
    description: Texts = field(default_factory=dict)
    populations: tuple[str, ...] = ()
    age: tuple[int | None, int | None] | None = None
    languages: tuple[LanguageOffer, ...] = ()
    cost: Cost = "unknown"
    documents: Documents = "unknown"
    documents_note: Texts = field(default_factory=dict)
    safety: Safety = field(default_factory=Safety)
    access: tuple[str, ...] = ()
    phones: tuple[Phone, ...] = ()
    address: Postal | None = None
    hours: Hours | None = None
    visits: tuple[Visit, ...] = ()
    areas: tuple[str, ...] = ()
    remote: bool = False
    not_offered: Texts = field(default_factory=dict)
    next_step: Texts = field(default_factory=dict)
    capacity: Capacity = field(default_factory=Capacity)
    vetting: Vetting = field(default_factory=Vetting)
    visibility: Visibility = "public"
    website: str = ""
    note: str = ""
    notice: Notice | None = None
    replaced_by: str = ""
    sources: tuple[Source, ...] = ()
    disputed: frozenset[str] = frozenset()
    demo: bool = False
    at: Mapping[str, Mark] = field(default_factory=dict, compare=False, repr=False)

    @property
    def contested(self) -> frozenset[str]:
        """The facts on which sources disagree: they are kept, and told to nobody as a fact."""
        return self.disputed | {source.about for source in self.sources if source.conflict}

    @property
    def is_shelter(self) -> bool:
        """Whether its address would lead someone to people who hide."""
        return not SHELTER_NEEDS.isdisjoint(self.needs)

    def checked_on(self) -> date | None:
        """The last day somebody looked: the vetting or the newest source."""
        days = [source.checked_on for source in self.sources] + [self.vetting.on]
        return max((day for day in days if day), default=None)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body that runs services. `country` is an ISO code, XX for none. `differs_from` look alike and are others."""

    id: str
    name: Texts
    country: str
    kind: str = "ngo"
    website: str = ""
    description: Texts = field(default_factory=dict)
    note: str = ""
    demo: bool = False
    services: tuple[Service, ...] = ()
    sources: tuple[Source, ...] = ()
    differs_from: tuple[str, ...] = ()
    at: Mapping[str, Mark] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Need:
    """Something people ask for. `words` are how people say it, by language.

    `terms` are those of the Open Eligibility taxonomy that mean the same, as paths: `Legal / Advocacy & Legal Aid`.
    """

    id: str
    label: Texts
    parent: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    terms: tuple[str, ...] = ()
    mark: Mark | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Population:
    """People a service is for. A service for the parent is for its children; `age` is implied by belonging.

    `terms` are those of the Open Eligibility taxonomy that mean the same, as paths: `Citizenship / Refugees`.
    """

    id: str
    label: Texts
    parent: str = ""
    age: tuple[int | None, int | None] | None = None
    terms: tuple[str, ...] = ()
    mark: Mark | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A safety word a person can ask for: it holds when `field` is known to be `answer`."""

    id: str
    label: Texts
    field: str
    answer: Answer
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The closed vocabulary that flows, services and people's words meet in."""

    needs: Mapping[str, Need] = field(default_factory=dict)
    populations: Mapping[str, Population] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    def attribute(self, name: str) -> Attribute | None:
        """The attribute under `name`: its own, one every directory has, or `no_...` for its opposite."""
        word = name.replace(" ", "_")
        if word in self.attributes:
            return self.attributes[word]
        if word in SAFE_ANSWERS:
            return Attribute(word, {}, word, SAFE_ANSWERS[word])
        base = word.removeprefix("not_").removeprefix("no_")
        return Attribute(word, {}, base, "no") if base in SAFE_ANSWERS and base != word else None

    def attribute_words(self) -> Collection[str]:
        """Every safety word that can be asked for by its own name."""
        return sorted({*self.attributes, *SAFE_ANSWERS})

    def under(self, need: str) -> tuple[str, ...]:
        """`need` and everything below it, itself first."""
        found = [need]
        for parent in found:
            found += [one.id for one in self.needs.values() if one.parent == parent and one.id not in found]
        return tuple(found)

    def serving(self, population: str) -> tuple[str, ...]:
        """The populations a service may name to be for people of this one: itself and its ancestors."""
        found: list[str] = []
        while population and population not in found:
            found.append(population)
            known = self.populations.get(population)
            population = known.parent if known else ""
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Place:
    """A place people name. `at` is latitude and longitude of the place, never of a person."""

    id: str
    kind: PlaceKind
    country: str
    names: Mapping[str, tuple[str, ...]]
    parent: str = ""
    at: tuple[float, float] | None = None
    mark: Mark | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation that receives cases. No `queues` means it serves `general`.

    `lgbtiq`: it is an organisation of or for LGBTIQ+ people, and not only open to them.
    `spaces`: what it says it is a space for. With `most_open` open cases it is full; with 0, or before the day
    `paused_until`, it gets no new one. `separate_consent`: a state body that may be asked for, by its own question.
    """

    organisation: str
    queues: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    lgbtiq: bool = False
    limits_short: Texts = field(default_factory=dict)
    duty: Hours | None = None
    spaces: tuple[str, ...] = ()
    most_open: int | None = None
    paused_until: date | None = None
    separate_consent: bool = False
    at: Mapping[str, Mark] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Queue:
    """A line of waiting cases. An `independent` one never goes to the organisation a complaint is about.

    `inside`: where no other organisation can take it, the focal point of the one that has the person's case may. Never
    for complaints about the people of an organisation.
    """

    id: str
    needs: tuple[str, ...] = ()
    independent: bool = False
    inside: bool = False
    label: Texts = field(default_factory=dict)
    at: Mapping[str, Mark] = field(default_factory=dict, compare=False, repr=False)


GENERAL: Final = "general"


@dataclass(frozen=True, slots=True)
class Network:
    """Who receives cases, in file order, and through which queues. `general` is always among them."""

    members: tuple[Member, ...] = ()
    queues: Mapping[str, Queue] = field(default_factory=lambda: {GENERAL: Queue(GENERAL)})
    duty: Hours | None = None

    @property
    def most_open(self) -> Mapping[str, int]:
        """How many open cases some members can have at most."""
        return {each.organisation: each.most_open for each in self.members if each.most_open is not None}

    def serving(self, queue: str) -> tuple[Member, ...]:
        """The members that serve `queue`, in file order."""
        return tuple(member for member in self.members if queue in (member.queues or (GENERAL,)))
