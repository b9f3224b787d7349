"""A service as it stands now: its file, and what happened since. Pure, the same every time, and it fails closed.

Only `vetted` by two different people, until a day, lets a service be offered. One who cannot be told from another, a
point of the checklist that is missing, a file that changed meanwhile: then the event counts for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from bot.directory.changing import changed
from bot.directory.ledger import SAFETY, TAKES_AWAY, WEEKLY, Event, Json, said
from bot.directory.model import CHECKLIST, SAFE_ANSWERS, Answer, Safety, Service, Source, Vetting
from bot.directory.vetting import vetter_key

PROPOSAL_HOURS: Final = 30 * 24
"""How long a first vetter's word waits for the second."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a service. `flags` are complaints nobody has looked into, `waiting` safety changes of one person.

    `proposed` is the first vetter's word, `suspended` what took it out. `changes` are the events that count on top of the file.
    """

    service: Service
    flags: tuple[Event, ...] = ()
    proposed: Event | None = None
    suspended: Event | None = None
    waiting: tuple[Event, ...] = ()
    changes: tuple[Event, ...] = ()


def different_people(one: Event, other: Event) -> bool:
    """Whether two events are surely of two people: another name, and not the same account."""
    if not vetter_key(one.by) or not vetter_key(other.by):
        return False
    same_account = bool(one.staff) and one.staff == other.staff
    return not same_account and vetter_key(one.by) != vetter_key(other.by)


def stand(
    service: Service, events: Iterable[Event], *, country: str = "", proven: int | None = None
) -> Standing:
    """The service after `events`, which may come in any order and more than once.

    `proven`: from this position on nobody could check who wrote an event; then it only counts if it takes away.
    """
    once = {event.position: event for event in events}
    fold = _Fold(service, country)
    for position in sorted(once):
        event = once[position]
        if proven is None or position < proven or event.kind in TAKES_AWAY:
            fold.take(event)
    return fold.standing()


@dataclass(slots=True)
class _Fold:
    """The history of one service, event by event."""

    file: Service
    country: str
    first: Event | None = None
    vouched: Vetting | None = None
    suspended: Event | None = None
    undone: bool = False
    flags: list[Event] = field(default_factory=list)
    waiting: dict[str, Event] = field(default_factory=dict)
    changes: dict[str, Event] = field(default_factory=dict)
    renewed: tuple[Event, ...] = ()

    def take(self, event: Event) -> None:
        """Let one more thing have happened."""
        match event.kind:
            case "proposed":
                self.first = event if self._vouches(event) else self.first
            case "vetted":
                self._second(event)
            case "flagged":
                self.flags.append(event)
            case "dismissed":
                self.flags.clear()
            case "suspended":
                self.suspended, self.first = event, None
            case "reinstated":
                self._reinstate(event)
            case "changed" | "safety_proposed":
                self._change(event)
            case "safety_accepted" | "safety_rejected":
                self._decide(event)

    def standing(self) -> Standing:
        """What all of it amounts to."""
        service, counted = self.file, list(self.renewed)
        for event in self.changes.values():
            after = _with(service, event, self.country)
            if after is not None:
                service = after
                counted.append(event)
        service = replace(service, vetting=self._vetting(), safety=self._guarded(service.safety))
        return Standing(
            service,
            tuple(self.flags),
            self.first,
            self.suspended,
            tuple(self.waiting.values()),
            tuple(sorted(counted, key=lambda event: event.position)),
        )

    def _vouches(self, event: Event) -> bool:
        """Whether a vetter's word is whole: a name, every point, an end, about the file as it is."""
        return (
            bool(vetter_key(event.by))
            and set(CHECKLIST) <= set(event.checklist)
            and event.expires is not None
            and self._still(event, "vetting")
        )

    def _still(self, event: Event, what: str = "") -> bool:
        """Whether the file says what it said when this happened."""
        return event.base == said(self.file, what or event.field)

    def _second(self, event: Event) -> None:
        first = self.first
        if first is None or first.expires is None or event.expires is None:
            return
        in_time = 0 <= event.hour - first.hour <= PROPOSAL_HOURS
        if in_time and self._vouches(event) and different_people(first, event):
            self.vouched = Vetting(
                state="vetted",
                by=(first.by, event.by),
                on=event.day,
                expires=min(first.expires, event.expires),
                evidence={"en": "; ".join(words for words in (first.words, event.words) if words)},
                checklist=dict.fromkeys(CHECKLIST, "yes"),
            )
            self.first, self.renewed = None, (first, event)

    def _reinstate(self, event: Event) -> None:
        """Ends a suspension of the ledger's; one that the file names only if the file is still the one that was looked at."""
        self.suspended = None
        self.undone = self._still(event, "vetting")
        self.flags.clear()

    def _change(self, event: Event) -> None:
        if event.kind == "changed" and event.field in WEEKLY and self._still(event):
            self.changes[event.field] = event
        elif event.kind == "safety_proposed" and event.field.startswith(SAFETY):
            self.waiting[event.field] = event

    def _decide(self, event: Event) -> None:
        """The second person's word on a safety answer: accepting takes another one than proposing."""
        asked = self.waiting.get(event.field)
        if asked is None or asked.position != event.of:
            return
        if event.kind == "safety_rejected":
            if vetter_key(event.by):
                del self.waiting[event.field]
        elif different_people(asked, event) and self._still(asked):
            del self.waiting[event.field]
            self.changes[event.field] = asked

    def _vetting(self) -> Vetting:
        vetting = self.file.vetting
        if vetting.state == "suspended" and not self.undone:
            return vetting
        if self.vouched is not None:
            vetting = self.vouched
        elif vetting.state == "suspended":
            vetting = replace(vetting, state="vetted")
        elif self.first is not None and vetting.state in {"unverified", "proposed"}:
            vetting = replace(vetting, state="proposed", by=(self.first.by,))
        return replace(vetting, state="suspended") if self.suspended is not None else vetting

    def _guarded(self, safety: Safety) -> Safety:
        """A safe answer that somebody doubts is not known until a second person has looked."""
        answers: dict[str, Answer] = dict(safety.answers)
        for event in self.waiting.values():
            word = event.field.removeprefix(SAFETY)
            known = answers.get(word, "unknown")
            if known == SAFE_ANSWERS.get(word, "yes") and event.value != known:
                answers[word] = "unknown"
        return replace(safety, answers=answers)


def _with(service: Service, event: Event, country: str) -> Service | None:
    """The service with one change; None when its value cannot be read."""
    if event.field.startswith(SAFETY):
        word = event.field.removeprefix(SAFETY)
        answer = _answer(event.value)
        if answer is None:
            return None
        return replace(
            service, safety=replace(service.safety, answers={**service.safety.answers, word: answer})
        )
    after, problems = changed(service, event.field, event.value, country)
    if problems:
        return None
    if event.field not in {"hours", "phones"}:
        return after
    others = tuple(one for one in after.sources if one.about != event.field or one.conflict)
    source = Source(event.field, event.source or f"told by {event.by}", event.day)
    return replace(after, sources=(*others, source))


def _answer(value: Json) -> Answer | None:
    match value:
        case "yes" | "no" | "unknown":
            return value
        case _:
            return None
