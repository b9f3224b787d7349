"""A bounded walk through every path of every flow: never stuck, a person near, always a way out.

Every choice is taken; typed questions get a good answer and a bad one. A place counts as seen when flow, step and
question are the same; a few visits with different answers are allowed, so that conditions are tried both ways.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.flow.effects import DropRoute, Effect, ForgetPerson
from bot.flow.engine import LOST, Turn, advance, begin, question
from bot.flow.library import Library
from bot.flow.rehearsal import Rehearsal, said, staffed
from bot.flow.session import Session, decode, encode
from bot.kernel.messages import InboundMessage

ANSWERS_TO_A_PERSON: Final = 3
VISITS: Final = 2
"""Visits of one place with different answers."""

MOST_PLACES: Final = 4000
MOST_BYTES: Final = 2048

TYPED: Final[dict[str, tuple[str, ...]]] = {
    "text": ("some words",),
    "sealed text": ("some words",),
    "number": ("3", "many"),
    "yes no": ("yes", "qqqq"),
    "age group": ("17", "qqqq"),
    "date": ("31.12.2026", "qqqq"),
    "place": ("Belgrade", "qqqq"),
    "need": ("lawyer", "qqqq"),
    "phone": ("+381 11 000 0000", "qqqq"),
    "gate_word": ("lavender",),
    "safe_word": ("lavender",),
    "mail_word": ("lavender",),
    "return_code": ("12345678",),
    "return_word": ("lavender",),
}
"""What is typed where typed answers are asked for."""

_UNREADABLE: Final = "qqqq zzzz"
_REACHED: Final = (".consent", ".nobody")


@dataclass(frozen=True, slots=True)
class Fault:
    """A promise that does not hold somewhere, and the way there."""

    promise: str
    language: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        """One line: what is wrong and how to get there."""
        return f"{self.promise} [{self.language}]: {' > '.join(self.path)}"


@dataclass(slots=True)
class Walk:
    """What a walk saw. `complete` is false when it stopped at its bound."""

    places: int = 0
    turns: int = 0
    complete: bool = True
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: "Walk") -> None:
        """Count what another walk saw as seen here."""
        self.places += other.places
        self.turns += other.turns
        self.complete = self.complete and other.complete
        self.faults += other.faults


@dataclass(frozen=True, slots=True)
class _Place:
    session: Session
    turn: Turn
    path: tuple[str, ...]


@dataclass(slots=True)
class _Walker:
    library: Library
    now: datetime
    language: str
    most: int
    walk: Walk
    within: frozenset[str] = frozenset()
    seen: dict[object, set[str]] = field(default_factory=dict)
    near: dict[object, bool] = field(default_factory=dict)
    _situation: Rehearsal | None = None

    def rehearsal(self) -> Rehearsal:
        """The outside that every turn of the walk sees: staffed, on duty, demo services."""
        if self._situation is None:
            self._situation = Rehearsal(self.library, self.now, staffing=staffed(self.library))
        return self._situation

    def turn(self, session: Session | None, text: str) -> Turn:
        """One typed message; the session goes through its bytes."""
        self.walk.turns += 1
        stored = decode(encode(session)) if session is not None else None
        message = InboundMessage("simulator", "1", text)
        return advance(self.library, stored, message, self.rehearsal().situation())

    def fault(self, promise: str, path: Sequence[str]) -> None:
        self.walk.faults.append(Fault(promise, self.language, tuple(path)))

    def start(self, flow: str) -> None:
        """Walk from the first step of `flow`."""
        turn = begin(self.library, flow, self.rehearsal().situation(), language=self.language)
        waiting: deque[_Place] = deque()
        self._arrive(waiting, turn, (flow,))
        while waiting:
            if self.walk.places >= self.most:
                self.walk.complete = False
                return
            place = waiting.popleft()
            self.walk.places += 1
            self._check(place)
            for answer, label in self._answers(place):
                self._arrive(waiting, self.turn(place.session, answer), (*place.path, label))

    def _arrive(self, waiting: deque[_Place], turn: Turn, path: tuple[str, ...]) -> None:
        if LOST in turn.trace:
            self.fault("the engine finds no way on", path)
            return
        if turn.session is None:
            return
        if len(encode(turn.session)) > MOST_BYTES:
            self.fault(f"the session is larger than {MOST_BYTES} bytes", path)
        if self.within and not any(frame.flow in self.within for frame in turn.session.frames):
            return
        key = _where(turn.session)
        answers = _answers_key(turn.session)
        visits = self.seen.setdefault(key, set())
        if answers in visits or len(visits) >= VISITS:
            return
        visits.add(answers)
        waiting.append(_Place(turn.session, turn, path))

    def _answers(self, place: _Place) -> Iterator[tuple[str, str]]:
        asked = question(self.library, place.session, self.rehearsal().situation())
        typed = TYPED.get(asked.asks, ())
        digits = asked.asks not in ("number", "date", "age group", "phone")
        message = said(place.turn)
        for number, name in enumerate(asked.names, 1):
            yield (str(number) if digits else message.options[number - 1].label), name
        for text in typed:
            yield text, f"'{text}'"
        if not typed:
            yield _UNREADABLE, f"'{_UNREADABLE}'"

    # --- the promises ---------------------------------------------------------------------------------

    def _check(self, place: _Place) -> None:
        message = said(place.turn)
        if not any(text.strip() for text in message.texts):
            self.fault("nothing is said", place.path)
        if {option.number for option in message.footer} != {9, 0}:
            self.fault("a person and the way out are not under the message", place.path)
        asked = question(self.library, place.session, self.rehearsal().situation())
        if not asked.names and asked.asks not in TYPED and place.session.frames:
            self.fault("nothing can be answered", place.path)
        if len({option.payload for option in message.options}) != len(message.options):
            self.fault("two options look the same to the bot", place.path)
        if not place.session.tries:  # the same question again has the same ways out
            self._check_commands(place)

    def _check_commands(self, place: _Place) -> None:
        left = self.turn(place.session, "leave")
        if left.session is not None or not _has(left.effects, DropRoute):
            self.fault("leave does not end the conversation", place.path)
        sos = self.turn(place.session, "sos")
        entry = self.library.entries.get("sos", "")
        if not any(name.startswith(f"{entry}/") for name in sos.trace):
            self.fault("sos does not show the numbers", place.path)
        self._check_erase(place)
        if not self._person_within(self.turn(place.session, "person"), ANSWERS_TO_A_PERSON):
            self.fault(f"no person within {ANSWERS_TO_A_PERSON} answers", place.path)

    def _check_erase(self, place: _Place) -> None:
        turn = self.turn(place.session, "erase")
        for _ in range(3):
            if turn.session is None or turn.session.asked is not None:
                break
            turn = self.turn(turn.session, "1")
        if turn.session is None or turn.session.asked is None or turn.session.asked.kind != "erase":
            self.fault("erase does not ask", place.path)
            return
        done = self.turn(turn.session, "1")
        if done.session is not None or not _has(done.effects, ForgetPerson):
            self.fault("erase does not erase", place.path)

    def _person_within(self, turn: Turn, answers: int) -> bool:
        """Whether a consent for a person is at most this many answers away, the command counted."""
        if any(name.endswith(_REACHED) for name in turn.trace):
            return True
        if turn.session is None or answers <= 1:
            return False
        key = (_where(turn.session), answers)
        if key not in self.near:
            asked = question(self.library, turn.session, self.rehearsal().situation())
            self.near[key] = any(
                self._person_within(self.turn(turn.session, str(number)), answers - 1)
                for number in range(1, len(asked.names) + 1)
            )
        return self.near[key]


def walk_all(
    library: Library,
    *,
    now: datetime,
    languages: Sequence[str] = (),
    flows: Sequence[str] = (),
    most: int = MOST_PLACES,
) -> Walk:
    """Walk every flow (or only inside `flows`, with what they call) in every language that has texts of its own (or in `languages`)."""
    walk = Walk()
    for language in languages or library.catalogue.served:
        walker = _Walker(library, now, language, most + walk.places, walk, frozenset(flows))
        for flow in flows or sorted(library.flows):
            walker.start(flow)
    return walk


def _where(session: Session) -> object:
    frames = tuple((frame.flow, frame.step, frame.phase) for frame in session.frames)
    asked = (session.asked.kind, session.asked.names) if session.asked is not None else None
    return frames[-2:], asked, session.page, session.tries


def _answers_key(session: Session) -> str:
    slots = [sorted((name, str(value)) for name, value in frame.slots.items()) for frame in session.frames]
    return repr((slots, sorted((name, str(value)) for name, value in session.shared.items())))


def _has(effects: Sequence[Effect], kind: type) -> bool:
    return any(isinstance(effect, kind) for effect in effects)
