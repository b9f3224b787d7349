"""Every key that the directory's files may have: its shape, its words, and what it means to whoever writes it.

The one description: parsers take their keys and words from here, editors their schema (json_schema.py), spreadsheets
their columns (sheet_columns.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from bot.directory.model import CHECKLIST, KINDS, SAFE_ANSWERS, SPACES, TIERS

Shape = Literal[
    "text", "texts", "text list", "id", "ids", "ages", "count", "flag", "choice", "choices", "day", "url", "country",
    "language", "position", "reference", "word lists", "safety", "record", "records", "table", "zone", "hours", "phone",
]  # fmt: skip
"""What a value looks like. `texts`: by language. `ids` and `choices`: lists. `table`: id -> record."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record.

    `words` are all that a choice may say. `inner` are the keys of a record, or of each record of a list or table; a
    bare text in its place stands for the inner key `short`. `names` says which vocabulary ids come from. In an `open`
    table records may have keys that nobody reads. `example` is JSON.
    """

    name: str
    shape: Shape
    about: str
    words: tuple[str, ...] = ()
    example: object = None
    required: bool = False
    inner: tuple["Key", ...] = ()
    short: str = ""
    names: str = ""
    open: bool = False


STATUSES: Final = ("active", "paused", "closed", "tombstone")
COSTS: Final = ("free", "sliding", "paid", "unknown")
DOCUMENTS: Final = ("none", "some", "unknown")
SPOKEN: Final = ("staff", "interpreter", "phone")
ACCESS: Final = ("phone", "walk_in", "message", "online", "warm_only")
ROOM: Final = ("open", "waiting list", "full", "unknown")
VETTING_STATES: Final = ("unverified", "proposed", "vetted", "suspended", "lapsed")
PLACE_KINDS: Final = ("country", "city", "camp", "crossing", "region")
ANSWERS: Final = ("yes", "no", "unknown")
FLAGS: Final = ("yes", "no", "true", "false")

SAFETY: Final[Mapping[str, str]] = {
    "shares_with_authorities": "Do they tell police, asylum offices or other authorities who comes? `no` is safe.",
    "asks_legal_status": "Do they ask whether somebody is here legally? `no` is safe.",
    "sogiesc_trained": "Are the people who answer trained on orientation, gender and sex? `yes` is safe.",
    "trans_competent": "Do they know how to work with trans people? `yes` is safe.",
    "women_only": "Is it for women only?",
    "address_confidential": "Is the address a secret? Then it is shown to nobody.",
    "records_calls": "Do they record calls? `no` is safe.",
    "locates_callers": "Do they see where somebody calls from? `no` is safe.",
}
"""The safety words that are written; those that follow from other keys are not among them."""
assert SAFETY.keys() == SAFE_ANSWERS.keys() - {"must_report", "no_documents"}

VISIBILITY: Final = Key(
    "visibility",
    "choice",
    "Who may see it: everybody, a person whose need fits, a caseworker, nobody outside the office.",
    TIERS,
)
NOTE: Final = Key("note", "text", "For admins; shown to nobody.")
LABEL: Final = Key("label", "texts", "What people read, by language.", example={"en": "Free lawyers"})

SOURCE: Final = (
    Key("field", "text", "What was read there, such as phone or address.", required=True, example="phone"),
    Key("source", "text", "Where: a web address, a paper, a call.", required=True, example="https://example.org/contact"),
    Key("checked_on", "day", "The day somebody read it.", example="2026-11-21"),
    Key("value", "text", "What it said, as it is used here."),
    Key("quote", "text", "The words that stand there."),
    Key("page_date", "text", "The date on the page itself.", example="2024-07"),
    NOTE,
    Key("conflict", "flag", "`yes`: another source says something else. Keep both.", FLAGS),
)  # fmt: skip
LANGUAGE: Final = (
    Key("code", "language", "Two or three letters.", required=True, example="fa"),
    Key("by", "choice", "Who speaks it: staff, an interpreter, an interpreter by phone.", SPOKEN),
)
PHONE: Final = (
    Key("number", "phone", "As people dial it, with the country.", required=True, example="+381 11 000 0000"),
    VISIBILITY,
    Key("label", "texts", "What the number reaches.", example={"en": "evenings only"}),
)  # fmt: skip
ADDRESS: Final = (
    Key("text", "text", "Street and number.", example="Demo street 1"),
    Key("place", "id", "A place of places.yaml.", example="rs-beograd", names="places"),
    VISIBILITY,
)
ZONE: Final = Key("zone", "zone", "The time zone by its IANA name.", example="Europe/Belgrade")
_HOLIDAYS: Final = Key("holidays", "country", "A country that keeps the same public holidays, where nobody lists ours.",
    example="AL")  # fmt: skip
HOURS: Final = (
    Key("open", "hours", "OpenStreetMap opening hours.", required=True, example="Mo-Fr 09:00-17:00; PH off"),
    ZONE,
    _HOLIDAYS,
    NOTE,
)  # fmt: skip
DUTY: Final = (
    Key("hours", "hours", "OpenStreetMap opening hours.", required=True, example="Mo-Fr 09:00-17:00"),
    ZONE,
    _HOLIDAYS,
    NOTE,
)
VISIT: Final = (
    Key("place", "id", "Where the team will be: a place of places.yaml.", required=True, example="rs-sid",
        names="places"),
    Key("from", "day", "Its first day.", required=True, example="2026-11-20"),
    Key("to", "day", "Its last day; nothing: one day.", example="2026-11-21"),
    Key("open", "hours", "OpenStreetMap opening hours on these days.", required=True, example="10:00-14:00"),
    ZONE,
    _HOLIDAYS,
    NOTE,
)  # fmt: skip
NOTICE: Final = (
    Key("text", "texts", "What is different, in 160 characters at most.", required=True,
        example={"en": "Closed for repairs"}),
    Key("until", "day", "Its last day.", required=True, example="2026-12-01"),
)  # fmt: skip
CAPACITY: Final = (
    Key("state", "choice", "Is there room? After 14 days nobody knows.", ROOM),
    Key("on", "day", "The day somebody said so.", example="2026-11-20"),
    NOTE,
)
_POINTS: Final = tuple(
    Key(point, "choice", about, ANSWERS)
    for point, about in {
        "reached": "Did somebody there answer?",
        "agreed": "Do they want to be listed?",
        "read_back": "Were phone, address, hours and languages read to them?",
        "safety_asked": "Was each safety question put to them?",
        "no_complaint": "Is no complaint open?",
        "independent": "Does the vetter not work there?",
    }.items()
)
assert tuple(point.name for point in _POINTS) == CHECKLIST
VETTING: Final = (
    Key("state", "choice", "Does anybody vouch for it? `vetted` needs two different people and an end.", VETTING_STATES,
        required=True),
    Key("by", "text list", "Who looked: two different people.", example=["vetter-a", "vetter-b"]),
    Key("on", "day", "The day they looked.", example="2026-11-01"),
    Key("expires", "day", "The last day it holds.", example="2027-05-01"),
    Key("evidence", "texts", "What they saw.", example={"en": "visited and read the policy"}),
    Key("checklist", "record", "What they did, point by point; a no counts as not vetted.", inner=_POINTS,
        example={"reached": "yes", "agreed": "yes"}),
)  # fmt: skip
SERVICE: Final = (
    Key("service", "id", "Its id within the organisation; permanent.", required=True, example="legal"),
    Key("status", "choice", "Is it there? Only `active` is offered.", STATUSES),
    Key("name", "texts", "What people read.", required=True, example={"en": "Free lawyers", "sr": "Besplatni advokati"}),
    Key("description", "texts", "One or two plain sentences."),
    Key("needs", "ids", "What people ask for that is found here: needs of taxonomy.yaml.", required=True,
        example=["legal_asylum"], names="needs"),
    Key("populations", "ids", "Whom it is for; nothing: everybody.", example=["asylum_seeker", "lgbtiq"],
        names="populations"),
    Key("age", "ages", "From and to, in years; null is open.", example=[18, None]),
    Key("languages", "records", "Which languages are spoken, and by whom.",
        example=[{"code": "sr", "by": "staff"}, {"code": "fa", "by": "interpreter"}], inner=LANGUAGE, short="code"),
    Key("cost", "choice", "What it costs.", COSTS),
    Key("documents", "choice", "Do they ask for papers?", DOCUMENTS),
    Key("documents_note", "texts", "Which papers, in words."),
    Key("safety", "safety", "What is known about the dangers of asking for help there. Not written is unknown.",
        example={"shares_with_authorities": "no"}, names="attributes"),
    Key("access", "choices", "How one gets in; warm_only: only with a caseworker.", ACCESS, example=["phone", "walk_in"]),
    Key("phones", "records", "Phone numbers, each with who may see it.",
        example=[{"number": "+381 11 000 0000", "visibility": "public"}], inner=PHONE, short="number"),
    Key("address", "record", "Where it is. A shelter's is shown to nobody.",
        example={"text": "Demo street 1", "place": "rs-beograd", "visibility": "matched"}, inner=ADDRESS),
    Key("hours", "record", "When it answers.", example={"open": "Mo-Fr 09:00-17:00; PH off", "zone": "Europe/Belgrade"},
        inner=HOURS, short="open"),
    Key("visits", "records", "For a mobile team: where it will be, and when.", inner=VISIT,
        example=[{"place": "rs-sid", "from": "2026-11-20", "open": "10:00-14:00"}]),
    Key("areas", "ids", "Countries or places it serves; nothing: its country.", example=["RS"], names="places"),
    Key("remote", "flag", "`yes`: also from afar, everywhere in its areas.", FLAGS),
    Key("not_offered", "texts", "What people may expect and will not find.", example={"en": "a place to sleep"}),
    Key("next_step", "texts", "What to do, and what happens then.", example={"en": "Call and ask for a lawyer"}),
    Key("capacity", "record", "Is there room, as somebody said on a day.", example={"state": "open", "on": "2026-11-20"},
        inner=CAPACITY),
    Key("vetting", "record", "Who vouches, and until when. Without it the service is offered to nobody.",
        example={"state": "unverified"}, inner=VETTING),
    Key("visibility", "choice", "Who may see the service at all.", TIERS),
    Key("website", "url", "With https://.", example="https://example.org"),
    NOTE,
    Key("notice", "record", "What is different these days; it disappears after its last day.", inner=NOTICE,
        example={"text": {"en": "Closed for repairs"}, "until": "2026-12-01"}),
    Key("replaced_by", "reference", "For what is gone: the organisation, or organisation/service, that took its place.",
        example="rs-other/legal"),
    Key("sources", "records", "Where it was read. Sources that disagree are both kept.", inner=SOURCE,
        example=[{"field": "phone", "source": "https://example.org", "checked_on": "2026-11-21"}]),
    Key("demo", "flag", "`yes`: fictitious, never offered on a real channel.", FLAGS),
)  # fmt: skip
ORGANISATION: Final = (
    Key("organisation", "id", "Its id: equals the file's name; permanent.", required=True, example="rs-example"),
    Key("name", "texts", "Its name, by language.", required=True, example={"en": "Example House"}),
    Key("country", "country", "Two capital letters; XX for none.", required=True, example="RS"),
    Key("kind", "choice", "What kind of body it is.", KINDS),
    Key("website", "url", "With https://.", example="https://example.org"),
    Key("description", "texts", "One or two plain sentences."),
    NOTE,
    Key("demo", "flag", "`yes`: fictitious. Its name must say Demo.", FLAGS),
    Key("differs_from", "ids", "Organisations that look like this one and are not: no warning about them.",
        example=["rs-other"]),
    Key("services", "records", "What it does for people.", inner=SERVICE),
    Key("sources", "records", "Where it was read. Sources that disagree are both kept.", inner=SOURCE,
        example=[{"field": "phone", "source": "https://example.org", "checked_on": "2026-11-21"}]),
)  # fmt: skip

_PARENT: Final = Key("parent", "id", "What it is part of.")
_WORDS: Final = Key(
    "words", "word lists", "How people say it, by language.", example={"en": ["lawyer", "asylum"]}
)
_OPEN_ELIGIBILITY: Final = Key(
    "open_eligibility",
    "text list",
    "What means the same in the Open Eligibility taxonomy, for exchange with other directories.",
    example=["Legal / Advocacy & Legal Aid"],
)
NEED: Final = (LABEL, _PARENT, _WORDS, _OPEN_ELIGIBILITY, NOTE)
POPULATION: Final = (
    LABEL,
    _PARENT,
    Key("age", "ages", "The ages that belonging implies.", example=[0, 17]),
    _WORDS,
    replace(_OPEN_ELIGIBILITY, example=["Citizenship / Refugees"]),
    NOTE,
)
ATTRIBUTE: Final = (
    LABEL,
    Key("field", "id", "The safety word it is read from; its own name where it has none."),
    Key("answer", "choice", "The answer that a person means who asks for it.", ("yes", "no")),
    _WORDS,
    NOTE,
)
TAXONOMY: Final = (
    Key("needs", "table", "What people ask for.", required=True, inner=NEED, short="label"),
    Key("populations", "table", "Whom services are for.", inner=POPULATION, short="label", open=True),
    Key("attributes", "table", "What can be asked about safety.", inner=ATTRIBUTE, short="label", open=True),
)

PLACE: Final = (
    Key("id", "id", "Its id; permanent.", required=True, example="rs-beograd"),
    Key("kind", "choice", "What kind of place it is.", PLACE_KINDS, required=True),
    Key("country", "country", "Two capital letters.", required=True, example="RS"),
    Key("names", "word lists", "How people write it, by language.", example={"en": ["Belgrade"], "sr": ["Beograd"]}),
    Key("parent", "id", "What it lies in.", example="RS", names="places"),
    Key("at", "position", "Latitude and longitude of the place, never of a person.", example=[44.81, 20.46]),
    NOTE,
)  # fmt: skip

MEMBER: Final = (
    Key("queues", "ids", "The queues it serves; nothing: general.", example=["general", "legal"]),
    Key("places", "ids", "Countries or places it serves.", example=["RS"], names="places"),
    Key("languages", "ids", "Languages its caseworkers speak.", example=["sr", "en"]),
    Key("serves", "ids", "Whom it serves.", example=["adults", "lgbtiq"]),
    Key("lgbtiq", "flag", "`yes`: an organisation of or for LGBTIQ+ people.", FLAGS),
    Key("limits_short", "texts", "What it cannot keep to itself; shown in the consent.",
        example={"en": "We must act when a child is in danger."}),
    Key("duty", "record", "Outside of these hours nobody counts as on duty.", inner=DUTY, short="hours"),
    Key("spaces", "choices", "What its team says it is a space for; people say themselves which one feels safe.",
        SPACES, example=["women", "lgbtiq"]),
    Key("most_open", "count", "With so many open cases it is full: others are asked first, and no more are claimed. 0: no new case.",
        example=20),
    Key("paused_until", "day", "Before this day it gets no new case.", example="2027-01-11"),
    Key("separate_consent", "flag",
        "For a state body: `yes` lets people be asked, in a question of its own, whether it may get their case.", FLAGS),
    NOTE,
)  # fmt: skip
QUEUE: Final = (
    Key("needs", "ids", "Needs that go to this queue.", example=["legal_asylum"], names="needs"),
    Key("independent", "flag", "`yes`: never reaches the organisation that a complaint is about.", FLAGS),
    Key(
        "inside",
        "flag",
        "`yes`, of an independent one: where no other organisation can take it, the focal point of the one that has the person's case may. Never for complaints about its people.",
        FLAGS,
    ),
    LABEL,
    NOTE,
)
NETWORK: Final = (
    Key(
        "organisations",
        "table",
        "Members that receive cases; the first that fits is asked first.",
        inner=MEMBER,
    ),
    Key("queues", "table", "Lines of waiting cases.", inner=QUEUE, short="label"),
    Key("duty", "record", "Outside of these hours nobody counts as on duty.", inner=DUTY, short="hours"),
)


def names_of(keys: tuple[Key, ...]) -> tuple[str, ...]:
    """What the keys of a record are called, with underscores."""
    return tuple(key.name for key in keys)


def key_at(path: tuple[str | int, ...], keys: tuple[Key, ...] = ORGANISATION) -> Key | None:
    """The key that a path leads to, such as `services`, 0, `phones`, 1, `label`; None where it leads nowhere."""
    found = None
    for step in path:
        if isinstance(step, str):
            found = next((key for key in keys if key.name == step), None)
            if found is None:
                return None
            keys = found.inner
    return found


def short_at(path: tuple[str | int, ...]) -> str:
    """The key that a bare text at `path` of an organisation's file stands for; empty where it is only itself."""
    key = key_at(path)
    if key is None:
        return "en" if path and path[-1] == "must_report_when" else ""
    if key.shape == "texts":
        return "en"
    listed = isinstance(path[-1], int)
    return key.short if listed == (key.shape == "records") else ""


def order_at(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys of the record at `path` of an organisation's file, in their usual order."""
    key = key_at(path)
    if not path:
        return names_of(ORGANISATION)
    if key is not None and key.shape == "safety":
        return (*SAFETY, "must_report_when")
    return names_of(key.inner) if key else ()
