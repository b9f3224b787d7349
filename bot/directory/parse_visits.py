"""Where and when a mobile team comes: a list of places with days and hours."""

from typing import Final

from bot.directory.model import Visit
from bot.directory.parse_details import read_hours
from bot.directory.reading import Reader, is_nothing
from bot.directory.record_format import VISIT, names_of
from bot.directory.visits import over_at
from bot.kernel.problems import Fields, Mark, Node, Scalar

_OF_HOURS: Final = ("open", "zone", "holidays")


def read_visits(read: Reader, node: Node | None, country: str) -> tuple[Visit, ...]:
    """The visits in order of their days. Without `to` one lasts a day; nobody waits in the cold for one without hours."""
    found = [visit for item in read.items(node, "visits") if (visit := _visit(read, item, country))]
    return tuple(sorted(found, key=lambda one: (one.first, one.last, one.place)))


def visit_marks(node: Node | None) -> dict[str, Mark]:
    """Where each visit's place stands, as `visits/<place>`."""
    items = getattr(node, "values", ())
    places = [place for item in items if isinstance(item, Fields) and (place := item.get("place"))]
    return {f"visits/{place.value.strip()}": place.mark for place in places if isinstance(place, Scalar)}


def _visit(read: Reader, node: Node, country: str) -> Visit | None:
    fields = read.fields(node, "a visit", names_of(VISIT))
    place = read.ident(read.required(fields, "place", "a visit"), "place")
    read.text(fields.get("note"), "note")
    first = read.day(read.required(fields, "from", "a visit"), "from")
    end = fields.get("to")
    last = first if end is None or is_nothing(end) else read.day(end, "to")
    written = read.required(fields, "open", "a visit")
    hours = None
    if written is not None:
        own = tuple(entry for entry in fields.entries if entry[0].value in _OF_HOURS)
        hours = read_hours(read, Fields(own, fields.mark), country)
    if first is not None and last is not None and last < first:
        at = end.mark if end is not None else fields.mark
        read.fault("D106", at, "the visit ends before it begins", "write a later day under 'to'")
        return None
    if not place or first is None or last is None or hours is None:
        return None
    visit = Visit(place, first, last, hours)
    if written is not None and over_at(visit) is None:
        message = "nobody is there: these hours come on none of the visit's days"
        read.fault(
            "D106", written.mark, message, "write hours that hold on these days, such as '10:00-14:00'"
        )
    return visit
