"""What happens to a service between two releases of the files: one event each, in the order in which it happened.

Events that let something appear or differ carry `base`: a digest of what the file said then. Whoever edits the file
afterwards takes over, and such an event counts for nothing any more. Events that take something away always count.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal, TypeAlias, cast

from bot.directory.model import CHECKLIST, Service
from bot.directory.reading import ID

Json: TypeAlias = "str | int | Sequence[Json] | Mapping[str, Json] | None"

Kind = Literal[
    "proposed",
    "vetted",
    "suspended",
    "reinstated",
    "flagged",
    "dismissed",
    "changed",
    "safety_proposed",
    "safety_accepted",
    "safety_rejected",
]

KINDS: Final[tuple[Kind, ...]] = (
    "proposed",
    "vetted",
    "suspended",
    "reinstated",
    "flagged",
    "dismissed",
    "changed",
    "safety_proposed",
    "safety_accepted",
    "safety_rejected",
)

TAKES_AWAY: Final[frozenset[Kind]] = frozenset({"suspended", "flagged", "safety_proposed"})
"""What counts even where nobody can tell who wrote it."""

WEEKLY: Final = ("hours", "capacity", "phones", "notice")
"""What one person may change at once."""

SAFETY: Final = "safety/"
"""Before the word of a safety answer, which only changes when a second person agrees."""

LONGEST_NAME: Final = 80
LONGEST_WORDS: Final = 500

_TEXTS: Final = ("base", "by", "expires", "field", "kind", "of", "service", "source", "staff", "words")
_HOUR: Final = 3600
_LATEST: Final = 2**22  # hours since 1970: the year 2448


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `service` is `organisation/service`, `hour` whole hours since 1970.

    `by` is a work name, `staff` an id where it was done in the console; both are empty for a flag. `words` are evidence or
    a reason. `of` is the position of the proposal that is accepted or rejected.
    """

    kind: Kind
    service: str
    hour: int
    by: str = ""
    staff: str = ""
    words: str = ""
    checklist: tuple[str, ...] = ()
    expires: date | None = None
    field: str = ""
    value: Json = None
    source: str = ""
    base: str = ""
    of: int = -1
    position: int = -1

    @property
    def day(self) -> date:
        """The day on which it happened, in UTC."""
        return datetime.fromtimestamp(self.hour * _HOUR, UTC).date()

    def fields(self) -> Mapping[str, Json]:
        """The event as it is written down, without its position."""
        return {
            "base": self.base,
            "by": self.by,
            "checklist": list(self.checklist),
            "expires": self.expires.isoformat() if self.expires else "",
            "field": self.field,
            "hour": self.hour,
            "kind": self.kind,
            "of": str(self.of) if self.of >= 0 else "",
            "service": self.service,
            "source": self.source,
            "staff": self.staff,
            "value": self.value,
            "words": self.words,
        }


def event_of(fields: Mapping[str, object], position: int) -> Event | None:
    """The event that was written down as `fields`; None when it is none."""
    if set(fields) != {*_TEXTS, "checklist", "hour", "value"}:
        return None
    text = {name: fields[name] for name in _TEXTS if isinstance(fields[name], str)}
    if len(text) != len(_TEXTS):
        return None
    try:
        return _event({name: str(value) for name, value in text.items()}, fields, position)
    except ValueError:
        return None


def _event(text: Mapping[str, str], fields: Mapping[str, object], position: int) -> Event:
    hour, checklist = fields["hour"], fields["checklist"]
    kind = next((kind for kind in KINDS if kind == text["kind"]), None)
    if (
        kind is None
        or not isinstance(hour, int)
        or not 0 <= hour <= _LATEST
        or not is_service(text["service"])
    ):
        raise ValueError("not an event")
    if not isinstance(checklist, list) or not all(point in CHECKLIST for point in checklist):
        raise ValueError("not a checklist")
    return Event(
        kind=kind,
        service=text["service"],
        hour=hour,
        by=text["by"],
        staff=text["staff"],
        words=text["words"],
        checklist=tuple(checklist),
        expires=date.fromisoformat(text["expires"]) if text["expires"] else None,
        field=text["field"],
        value=cast("Json", fields["value"]),
        source=text["source"],
        base=text["base"],
        of=int(text["of"]) if text["of"] else -1,
        position=position,
    )


def is_service(name: str) -> bool:
    """Whether a name is `organisation/service`."""
    organisation, slash, service = name.partition("/")
    return bool(slash and ID.fullmatch(organisation) and ID.fullmatch(service))


def said(service: Service, field: str) -> str:
    """A digest of what a record says under `field`: `vetting`, a weekly field, or `safety/<word>`."""
    text = json.dumps(written(service, field), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{field}\n{text}".encode()).hexdigest()[:32]


def written(service: Service, field: str) -> Json:
    """What a record says under `field`, as an event would hold it."""
    if field.startswith(SAFETY):
        return service.safety.of(field.removeprefix(SAFETY))
    tell = _WRITTEN.get(field)
    return tell(service) if tell else None


def _vetting(service: Service) -> Json:
    vetting = service.vetting
    days = [day.isoformat() if day else None for day in (vetting.on, vetting.expires)]
    return [vetting.state, list(vetting.by), *days, dict(vetting.checklist)]


def _hours(service: Service) -> Json:
    return {"open": service.hours.open, "zone": service.hours.zone} if service.hours else None


def _capacity(service: Service) -> Json:
    state, day = service.capacity.state, service.capacity.on
    return {"state": state, "on": day.isoformat()} if day else {"state": state}


def _phones(service: Service) -> Json:
    found: list[Json] = []
    for phone in service.phones:
        label = {"label": dict(phone.label)} if phone.label else {}
        found.append({"number": phone.number, "visibility": phone.visibility, **label})
    return found


def _notice(service: Service) -> Json:
    notice = service.notice
    return {"text": dict(notice.text), "until": notice.until.isoformat()} if notice else None


_WRITTEN: Final[Mapping[str, Callable[[Service], Json]]] = {
    "vetting": _vetting,
    "hours": _hours,
    "capacity": _capacity,
    "phones": _phones,
    "notice": _notice,
}
