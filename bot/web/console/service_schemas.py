"""The JSON of the console's directory: services as vetters see them, and what they do to one."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.directory.ledger import LONGEST_WORDS
from bot.directory.model import CHECKLIST, Answer, CapacityState, Status, VettingState, Visibility
from bot.kernel.messages import Direction

Name = Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Words = Annotated[str, Field(max_length=LONGEST_WORDS)]
Point = Annotated[str, Field(max_length=30)]
Language = Annotated[str, Field(max_length=12)]
Texts = Annotated[dict[Language, Annotated[str, Field(max_length=400)]], Field(max_length=20)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TodoOut(_Strict):
    """One thing to do: `flagged`, `safety`, `lapses` and so on, with a word or a day."""

    what: str
    detail: str
    mark: int


class ServiceOut(_Strict):
    """A service in the list. `own`: of the caseworker's organisation. `offered`: people may be told of it today."""

    organisation: str
    service: str
    organisation_name: str
    name: str
    country: str
    demo: bool
    own: bool
    status: Status
    state: VettingState
    expires: date | None
    offered: bool
    todo: tuple[TodoOut, ...]


class DirectoryOut(_Strict):
    """Every service, the most urgent first. `whole`: false while the history cannot be believed and nothing is offered."""

    whole: bool
    services: tuple[ServiceOut, ...]


class SourceOut(_Strict):
    """Where a fact was read, and when. `conflict`: it disagrees with another source."""

    fact: str
    source: str
    checked_on: date | None
    value: str
    conflict: bool


class EventOut(_Strict):
    """One line of a service's history since the release."""

    position: int
    day: date
    kind: str
    by: str
    words: str
    field: str
    value: str
    until: date | None


class WaitingOut(_Strict):
    """A safety answer that one person asked for and another has to agree with."""

    word: str
    answer: str
    now: Answer
    by: str
    source: str
    day: date
    mine: bool


class HoursValue(_Strict):
    """Opening hours as OpenStreetMap writes them, and their zone."""

    open: Annotated[str, Field(min_length=1, max_length=300)]
    zone: Annotated[str, Field(min_length=1, max_length=60)]


class CapacityValue(_Strict):
    """Whether there is room, and on which day somebody said so."""

    state: CapacityState
    on: date | None = None


class PhoneValue(_Strict):
    """A number as people dial it."""

    number: Annotated[str, Field(min_length=1, max_length=40)]
    visibility: Visibility = "matched"
    label: Texts = {}


class NoticeValue(_Strict):
    """What is different these days, and its last day."""

    text: Texts
    until: date


class WeeklyValues(_Strict):
    """What changes every week. A field that is left out is not touched; null takes it away."""

    hours: HoursValue | None = None
    capacity: CapacityValue | None = None
    phones: Annotated[tuple[PhoneValue, ...], Field(max_length=10)] | None = None
    notice: NoticeValue | None = None


class OpenServiceOut(_Strict):
    """One service with everything a vetter needs. `editable`: whoever asks may change what changes every week."""

    listed: ServiceOut
    editable: bool
    website: str
    needs: tuple[str, ...]
    languages: tuple[str, ...]
    address: str
    vetted_by: tuple[str, ...]
    vetted_on: date | None
    evidence: str
    checklist: tuple[str, ...]
    proposed_by: str
    proposed_mine: bool
    weekly: WeeklyValues
    safety: dict[str, Answer]
    safety_words: tuple[str, ...]
    contested: tuple[str, ...]
    sources: tuple[SourceOut, ...]
    waiting: tuple[WaitingOut, ...]
    history: tuple[EventOut, ...]
    replaced_by: str
    points: tuple[str, ...] = CHECKLIST


class VouchIn(_Strict):
    """A vetter's word."""

    evidence: Words
    checklist: Annotated[tuple[Point, ...], Field(max_length=len(CHECKLIST))]
    expires: date | None = None


class ReasonIn(_Strict):
    """Why, without names of people."""

    reason: Words


class ChangeIn(_Strict):
    """New values for weekly fields, and who said so."""

    values: WeeklyValues
    source: Words


class PreviewIn(_Strict):
    """New values for weekly fields, to look at before they are said."""

    values: WeeklyValues


class FaultOut(_Strict):
    """What is wrong with a value: its field and what to write instead. Never the value."""

    field: str
    code: str
    mend: str


class DayOut(_Strict):
    """One day and when it is open."""

    day: date
    spans: tuple[tuple[str, str], ...]
    unsure: bool


class CardOut(_Strict):
    """The card as a person would read it in one language."""

    language: str
    name: str
    direction: Direction
    text: str


class PreviewOut(_Strict):
    """What the values would mean. No cards while a value has a fault."""

    faults: tuple[FaultOut, ...]
    week: tuple[DayOut, ...]
    cards: tuple[CardOut, ...]


class SafetyIn(_Strict):
    """Another safety answer, and who said so."""

    word: Annotated[str, Field(max_length=60)]
    answer: Answer
    source: Words


class AgreeIn(_Strict):
    """The safety word about whose waiting answer is decided."""

    word: Annotated[str, Field(max_length=60)]


class DeclineIn(_Strict):
    """The same, with the reason to leave it as it was."""

    word: Annotated[str, Field(max_length=60)]
    reason: Words
