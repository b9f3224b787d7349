"""Which organisation receives a case: decided before the consent, which names it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

GENERAL = "general"
"""The queue that always exists."""


@dataclass(frozen=True, slots=True)
class Staffing:
    """What one organisation can do now. `name` is from its signed keyring; `keys` counts keys that can open a case.

    `complaint_keys` and `complaint_duty` are the same for complaints, None where they are the same people.
    `focal_points`: complaints are for people there who see nothing else, and whom nobody else there sees at it.
    """

    organisation: str
    name: str
    keys: int
    on_duty: int
    complaint_keys: int | None = None
    complaint_duty: int | None = None
    focal_points: bool = False

    def able(self, *, complaint: bool) -> int:
        """How many keys can open such a case."""
        return self.keys if not complaint or self.complaint_keys is None else self.complaint_keys

    def there(self, *, complaint: bool) -> bool:
        """Whether somebody who can open such a case is on duty."""
        return (self.on_duty if not complaint or self.complaint_duty is None else self.complaint_duty) > 0


class MemberLike(Protocol):
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

    @property
    def serves(self) -> Collection[str]:
        """Groups it serves, such as `minors`; none named means everybody."""
        ...


@dataclass(frozen=True, slots=True)
class Reception:
    """The one organisation that will receive the case. Who in it opens the envelope is decided when it is sealed."""

    organisation: str
    name: str
    on_duty: bool
    focal_points: bool = False
    """A complaint for those people only who look after complaints there."""


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
) -> Reception | None:
    """The best organisation for this queue and place, or None when none can open a case.

    `places` are the person's place and everything it lies in (`("rs-beograd", "RS")`); none means unknown.
    `groups` must all be served (`minors`). `excluded` never receive it: organisations that a complaint may be about.
    `complaint`: count those who open complaints.
    Somebody on duty comes before a shared language, a shared language before the order of the file.
    """
    staffed = {each.organisation: each for each in _values(staffing)}
    best: tuple[tuple[bool, bool], Staffing] | None = None
    for member in members:
        found = staffed.get(member.organisation)
        if found is None or found.able(complaint=complaint) < 1 or member.organisation in excluded:
            continue
        if not (serves_queue(member, queue) and _serves_place(member, places) and _serves(member, groups)):
            continue
        rank = (found.there(complaint=complaint), language in member.languages)
        if best is None or rank > best[0]:
            best = (rank, found)
    if best is None:
        return None
    focal = complaint and best[1].focal_points
    return Reception(best[1].organisation, best[1].name, best[1].there(complaint=complaint), focal)


def serves_queue(member: MemberLike, queue: str) -> bool:
    """Whether the member takes cases of this queue."""
    return queue in (member.queues or (GENERAL,))


def _serves_place(member: MemberLike, places: Collection[str]) -> bool:
    return not places or not member.places or any(place in member.places for place in places)


def _serves(member: MemberLike, groups: Collection[str]) -> bool:
    return not member.serves or all(group in member.serves for group in groups)


def _values(staffing: Mapping[str, Staffing] | Sequence[Staffing]) -> Collection[Staffing]:
    return staffing.values() if isinstance(staffing, Mapping) else staffing
