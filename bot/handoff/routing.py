"""Which organisation receives a case: decided before the consent, which names it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

GENERAL = "general"
"""The queue that always exists."""

MINORS: Final = "minors"
ADULTS: Final = "adults"
EVERYBODY: Final = "everybody"
"""What a team that names no space of its own is."""


@dataclass(frozen=True, slots=True)
class Staffing:
    """What one organisation can do now. `name` is from its signed keyring; `keys` counts keys that can open a case.

    `open_cases` are counted where the network limits them, and 0 elsewhere.
    `complaint_keys` and `complaint_duty` are the same for complaints, None where they are the same people.
    `focal_points`: complaints are for people there who see nothing else, and whom nobody else there sees at it.
    """

    organisation: str
    name: str
    keys: int
    on_duty: int
    open_cases: int = 0
    complaint_keys: int | None = None
    complaint_duty: int | None = None
    focal_points: bool = False

    def able(self, *, complaint: bool) -> int:
        """How many keys can open such a case."""
        return self.keys if not complaint or self.complaint_keys is None else self.complaint_keys

    def there(self, *, complaint: bool) -> bool:
        """Whether somebody who can open such a case is on duty."""
        return (self.on_duty if not complaint or self.complaint_duty is None else self.complaint_duty) > 0


class Rules(Protocol):
    """What limits a member, or what makes it the right one."""

    @property
    def serves(self) -> Collection[str]:
        """Groups it serves, such as `minors`; none named means everybody."""
        ...

    @property
    def spaces(self) -> Collection[str]:
        """What it says it is a space for; none named means for everybody."""
        ...

    @property
    def most_open(self) -> int | None:
        """With so many open cases it is full; 0: it gets no new one; None: no limit."""
        ...

    @property
    def paused_until(self) -> date | None:
        """Before this day it gets no new case."""
        ...


class MemberLike(Rules, Protocol):
    """What routing needs of a member of the network (directory/network.yaml)."""

    @property
    def organisation(self) -> str:
        """Its id."""
        ...

    @property
    def queues(self) -> Collection[str]:
        """Queues it serves; none named means `general`."""
        ...

    @property
    def places(self) -> Collection[str]:
        """Countries or places it serves; none named means everywhere."""
        ...

    @property
    def languages(self) -> Collection[str]:
        """Languages it answers in."""
        ...


@dataclass(frozen=True, slots=True)
class Reception:
    """The one organisation that will receive the case. Who in it opens the envelope is decided when it is sealed.

    `full`: it has as many open cases as it can do, and so has every other that fits; the case waits longer.
    `is_space` is false when the person named a space that feels safe and the team does not say that it is one.
    """

    organisation: str
    name: str
    on_duty: bool
    focal_points: bool = False
    """A complaint for those people only who look after complaints there."""
    full: bool = False
    is_space: bool = True


def route(
    members: Sequence[MemberLike],
    queue: str,
    *,
    places: Collection[str] = (),
    language: str = "",
    staffing: Mapping[str, Staffing] | Sequence[Staffing],
    groups: Collection[str] = (),
    excluded: Collection[str] = (),
    complaint: bool = False,
    space: str = "",
    urgent: bool = False,
    today: date = date.min,
) -> Reception | None:
    """The best organisation for this queue and place, or None when none can open a case.

    `places` are the person's place and everything it lies in (`("rs-beograd", "RS")`); none means unknown.
    `groups` must all be served (`minors`). `excluded` never receive it: organisations that a complaint may be about, that
    the person does not want, that may get no case. `space` is which one feels safe to the person, in their own word.
    `complaint`: count those who open complaints.
    A safe space comes before anything that is only quicker. Of the rest one with room comes before a full one, and somebody
    on duty before nobody; where it is `urgent`, the other way round. Then a shared language, then the order of the file.
    """
    staffed = {each.organisation: each for each in _values(staffing)}
    best: tuple[tuple[bool, bool, bool, bool], Reception] | None = None
    for member in members:
        found = staffed.get(member.organisation)
        if found is None or found.able(complaint=complaint) < 1 or member.organisation in excluded:
            continue
        if not (serves_queue(member, queue) and _serves_place(member, places) and _serves(member, groups)):
            continue
        if not takes_new(member, today):
            continue
        room, duty = not is_full(member, found.open_cases), found.there(complaint=complaint)
        is_space = _is_space(member, space)
        quick = (duty, room) if urgent else (room, duty)
        rank = (is_space, *quick, language in member.languages)
        if best is None or rank > best[0]:
            focal = complaint and found.focal_points
            reception = Reception(
                found.organisation, found.name, duty, focal, full=not room, is_space=is_space
            )
            best = (rank, reception)
    return best[1] if best is not None else None


def serves_queue(member: MemberLike, queue: str) -> bool:
    """Whether the member takes cases of this queue."""
    return queue in (member.queues or (GENERAL,))


def takes_new(member: Rules, today: date) -> bool:
    """Whether the member gets new cases today at all."""
    return member.most_open != 0 and (member.paused_until is None or member.paused_until <= today)


def is_full(member: Rules, open_cases: int) -> bool:
    """Whether the member has as many open cases as it can do: others are asked first."""
    return member.most_open is not None and open_cases >= member.most_open


def _serves_place(member: MemberLike, places: Collection[str]) -> bool:
    return not places or not member.places or any(place in member.places for place in places)


def _serves(member: Rules, groups: Collection[str]) -> bool:
    if not member.serves:
        return True
    return all(
        group in member.serves or (group == ADULTS and MINORS not in member.serves) for group in groups
    )


def _is_space(member: Rules, space: str) -> bool:
    return space in {"", EVERYBODY} or space in member.spaces


def _values(staffing: Mapping[str, Staffing] | Sequence[Staffing]) -> Collection[Staffing]:
    return staffing.values() if isinstance(staffing, Mapping) else staffing
