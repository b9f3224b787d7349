"""The directory's shared files: taxonomy.yaml, places.yaml and network.yaml, each to a record or to its problems."""

import re
from collections.abc import Mapping
from typing import Final, cast

from bot.directory.model import (
    GENERAL,
    SAFE_ANSWERS,
    SPACES,
    Attribute,
    Member,
    Need,
    Network,
    Place,
    PlaceKind,
    Population,
    Queue,
    Taxonomy,
)
from bot.directory.open_eligibility import SERVICE_GROUPS, SITUATION_GROUPS, read_terms
from bot.directory.parse_details import read_hours
from bot.directory.reading import ID, Reader, is_nothing, marks
from bot.directory.record_format import (
    ATTRIBUTE,
    MEMBER,
    NEED,
    NETWORK,
    PLACE,
    PLACE_KINDS,
    POPULATION,
    QUEUE,
    TAXONOMY,
    names_of,
)
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar, Severity

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_OPEN: Final = frozenset({"population", "attribute"})  # may say more than we read
_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]+)?", re.ASCII)


def parse_taxonomy(node: Node) -> tuple[Taxonomy | None, list[Problem]]:
    """The vocabulary in `node`, or None when something in it is wrong."""
    read = Reader()
    fields = read.fields(node, "the taxonomy", names_of(TAXONOMY))
    read.required(fields, "needs", "the taxonomy")
    taxonomy = Taxonomy(
        needs={
            ident: Need(
                ident,
                _label(read, entry, ident),
                read.ident(entry.get("parent"), "parent"),
                _words(read, entry.get("words"), "words"),
                read_terms(read, entry.get("open_eligibility"), SERVICE_GROUPS),
                mark,
            )
            for ident, entry, mark in _entries(read, fields.get("needs"), "need", names_of(NEED))
        },
        populations={
            ident: Population(
                ident,
                _label(read, entry, ident),
                read.ident(entry.get("parent"), "parent"),
                read.ages(entry.get("age"), "age"),
                read_terms(read, entry.get("open_eligibility"), SITUATION_GROUPS),
                mark,
            )
            for ident, entry, mark in _entries(
                read, fields.get("populations"), "population", names_of(POPULATION)
            )
        },
        attributes={
            ident: _attribute(read, ident, entry, mark)
            for ident, entry, mark in _entries(
                read, fields.get("attributes"), "attribute", names_of(ATTRIBUTE)
            )
        },
    )
    _parents(read, {one.id: (one.parent, one.mark) for one in taxonomy.needs.values()}, "need")
    _parents(read, {one.id: (one.parent, one.mark) for one in taxonomy.populations.values()}, "population")
    return (None if read.failed else taxonomy), read.problems


def parse_places(node: Node) -> tuple[tuple[Place, ...] | None, list[Problem]]:
    """The places in `node` (a list, or under `places`), or None when something is wrong."""
    read = Reader()
    if isinstance(node, Fields) and node.get("places") is not None:
        node = read.fields(node, "the places", ("places",)).get("places") or node
    found: dict[str, Place] = {}
    for item in _placed(read, node):
        fields = read.fields(item, "a place", names_of(PLACE))
        place = _place(read, fields)
        if place.id in found:
            read.fault("D113", fields.mark, f"the place '{place.id}' stands twice", "keep one")
        found[place.id] = place
    _parents(read, {one.id: (one.parent, one.mark) for one in found.values()}, "place")
    return (None if read.failed else tuple(found.values())), read.problems


def parse_network(node: Node) -> tuple[Network | None, list[Problem]]:
    """The network in `node`, or None when something in it is wrong."""
    read = Reader()
    fields = read.fields(node, "the network", names_of(NETWORK))
    queues: dict[str, Queue] = {}
    for ident, entry, _ in _entries(read, fields.get("queues"), "queue", names_of(QUEUE)):
        needs = read.words(entry.get("needs"), "needs")
        queues[ident] = Queue(
            ident,
            tuple(word for word, _ in needs),
            read.flag(entry.get("independent"), "independent"),
            read.flag(entry.get("inside"), "inside"),
            read.texts(entry.get("label"), "label"),
            marks(entry, {"needs": needs}),
        )
    queues.setdefault(GENERAL, Queue(GENERAL))
    members = [
        _member(read, ident, entry, mark)
        for ident, entry, mark in _entries(read, fields.get("organisations"), "member", names_of(MEMBER))
    ]
    for member in members:
        for queue in member.queues:
            if queue not in queues:
                at = member.at.get(f"queues/{queue}", fields.mark)
                mend = f"write one of: {', '.join(queues)}; or define it under 'queues'"
                read.fault("D205", at, f"there is no queue '{queue}'", mend)
    network = Network(tuple(members), queues, read_hours(read, fields.get("duty"), "", key="hours"))
    return (None if read.failed else network), read.problems


def _entries(
    read: Reader, node: Node | None, what: str, known: tuple[str, ...]
) -> list[tuple[str, Fields, Mark]]:
    """Ids with their mappings. A list of ids, and an id with a bare text for its label, will do."""
    if isinstance(node, Items):
        return [(word, Fields((), mark), mark) for word, mark in read.words(node, what)]
    found = []
    for key, value in read.mapping(node, f"the list of {what}s"):
        if not ID.fullmatch(key.value):
            mend = "use letters, digits, '-' and '_' only"
            read.fault("D118", key.mark, f"'{key.value[:40]}' is not a usable name", mend)
            continue
        entry = value
        unknown: Severity = "warning" if what in _OPEN else "error"
        if isinstance(value, Scalar) and not is_nothing(value):
            entry = Fields(((Scalar("label", value.mark), value),), value.mark)
        fields = read.fields(entry, f"{what} '{key.value}'", known, unknown)
        read.text(fields.get("note"), "note")
        if what in _OPEN:
            _words(read, fields.get("words"), "words")
        found.append((key.value, fields, key.mark))
    return found


def _label(read: Reader, entry: Fields, ident: str) -> Mapping[str, str]:
    return read.texts(entry.get("label"), "label") or {"en": ident.replace("_", " ")}


def _words(read: Reader, node: Node | None, what: str) -> Mapping[str, tuple[str, ...]]:
    found = {}
    for key, value in read.mapping(node, what):
        if read.language(key, what):
            listed = (value,) if isinstance(value, Scalar) else read.items(value, what)
            found[key.value] = tuple(word for one in listed if (word := read.text(one, what)))
    return found


def _attribute(read: Reader, ident: str, entry: Fields, mark: Mark) -> Attribute:
    field = read.ident(entry.get("field"), "field") or ident
    default = SAFE_ANSWERS.get(field, "yes")
    answer = read.choice(entry.get("answer"), "answer", ("yes", "no"), default)
    return Attribute(ident, _label(read, entry, ident), field, "no" if answer == "no" else "yes", mark)


def _placed(read: Reader, node: Node) -> tuple[Node, ...]:
    """The places of a list, or of a mapping from id to place."""
    if not isinstance(node, Fields):
        return read.items(node, "the places")
    return tuple(
        Fields((((Scalar("id", key.mark), key)), *value.entries), key.mark)
        if isinstance(value, Fields)
        else value
        for key, value in node
    )


def _place(read: Reader, fields: Fields) -> Place:
    ident = read.ident(read.required(fields, "id", "a place"), "id")
    what = f"place '{ident}'"
    country_node = read.required(fields, "country", what)
    country = read.text(country_node, "country")
    if country_node is not None and country and not _COUNTRY.fullmatch(country):
        mend = "write two capital letters, such as RS"
        read.fault("D111", country_node.mark, f"'{country[:40]}' is not a country code", mend)
    read.text(fields.get("note"), "note")
    kind = read.choice(read.required(fields, "kind", what), "kind", PLACE_KINDS, "city")
    return Place(
        id=ident,
        kind=cast("PlaceKind", kind),
        country=country,
        names=_words(read, fields.get("names"), "names"),
        parent=read.ident(fields.get("parent"), "parent"),
        at=_position(read, fields.get("at")),
        mark=fields.mark,
    )


def _position(read: Reader, node: Node | None) -> tuple[float, float] | None:
    values = read.items(node, "at")
    if node is None or not values:
        return None
    degrees = [
        float(one.value) for one in values if isinstance(one, Scalar) and _DEGREES.fullmatch(one.value)
    ]
    if len(values) != 2 or len(degrees) != 2 or abs(degrees[0]) > 90 or abs(degrees[1]) > 180:  # noqa: PLR2004 - latitude, longitude
        read.fault(
            "D114", node.mark, "this is not a position", "write [latitude, longitude], such as [44.8, 20.5]"
        )
        return None
    return degrees[0], degrees[1]


def _member(read: Reader, ident: str, entry: Fields, mark: Mark) -> Member:
    queues = read.words(entry.get("queues"), "queues")
    places = read.words(entry.get("places"), "places")
    serves = read.words(entry.get("serves"), "serves")
    languages = read.words(entry.get("languages"), "languages")
    return Member(
        organisation=ident,
        queues=tuple(word for word, _ in queues),
        places=tuple(word for word, _ in places),
        languages=tuple(word for word, _ in languages),
        serves=tuple(word for word, _ in serves),
        lgbtiq=read.flag(entry.get("lgbtiq"), "lgbtiq"),
        limits_short=read.texts(entry.get("limits_short"), "limits short"),
        duty=read_hours(read, entry.get("duty"), "", key="hours"),
        spaces=tuple(
            dict.fromkeys(
                read.choice(one, "spaces", SPACES, SPACES[-1])
                for one in read.items(entry.get("spaces"), "spaces")
                if not is_nothing(one)
            )
        ),
        most_open=read.count(entry.get("most_open"), "most open"),
        paused_until=read.day(entry.get("paused_until"), "paused until"),
        separate_consent=read.flag(entry.get("separate_consent"), "separate consent"),
        at={**marks(entry, {"queues": queues, "places": places, "serves": serves}), "": mark},
    )


def _parents(read: Reader, parents: Mapping[str, tuple[str, Mark | None]], what: str) -> None:
    """Write down every parent that does not exist and every circle."""
    for ident, (parent, mark) in parents.items():
        at = mark or Mark("", 1, 1)
        if parent and parent not in parents:
            read.fault(
                "D208", at, f"the parent '{parent}' of {what} '{ident}' does not exist", "name one that does"
            )
            continue
        above, seen = parent, {ident}
        while above and above not in seen:
            seen.add(above)
            above = parents[above][0] if above in parents else ""
        if above:
            read.fault("D208", at, f"{what} '{ident}' stands below itself", "remove a 'parent'")
