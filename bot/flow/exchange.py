"""One turn in the making: the conversation as it changes, what is said so far, what is asked of the outside."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from bot.flow.definition import Value
from bot.flow.effects import CaseView, Effect, Situation
from bot.flow.prepared import PreparedFlow, PreparedStep, Ready
from bot.flow.session import Asked, Frame, Phase, Place, Session, recall_place, remember_place
from bot.i18n.formatting import fill
from bot.i18n.languages import ENGLISH
from bot.kernel.messages import InboundMessage, Option, OutboundMessage

MAX_FRAMES: Final = 12
"""How deep flows may call flows."""

SEEN: Final = 6
"""How many of the services shown last are remembered in a conversation."""

MAX_STEPS: Final = 100
"""How many steps one turn may pass before it counts as lost."""

MOST_COUNTED: Final = 12
"""How many different things are counted of one conversation."""

SECONDS: Final = 60

_Rendered = TypeVar("_Rendered")


class LostError(Exception):
    """The conversation is where no content leads on; the turn answers with the menu."""


class Exchange:
    """What a turn works on. Made from a session, becomes the next one."""

    __slots__ = (
        "asked",
        "bare",
        "carried",
        "count",
        "counted",
        "crisis",
        "declined_by",
        "effects",
        "elsewhere",
        "ended",
        "english",
        "foreign",
        "frames",
        "from_case",
        "gate_due",
        "held",
        "hidden",
        "into",
        "into_before",
        "language",
        "late_told",
        "mail_at",
        "mails_asked",
        "message",
        "minute",
        "misses",
        "no_way",
        "not_now",
        "not_to",
        "off_duty",
        "offered",
        "opened",
        "page",
        "passed",
        "paused",
        "permitted",
        "present",
        "ready",
        "safe_word",
        "seen",
        "services",
        "shared",
        "situation",
        "slow",
        "state_ok",
        "steps",
        "texts",
        "theirs",
        "told_in",
        "trace",
        "trail",
        "tries",
        "undo",
        "wider",
        "word_tries",
    )

    def __init__(
        self, ready: Ready, session: Session, message: InboundMessage | None, situation: Situation
    ) -> None:
        """Start from what is remembered."""
        self.ready = ready
        self.message = message
        self.situation = situation
        self.language = session.language
        self.frames = list(session.frames)
        self.asked = session.asked
        self.shared: dict[str, Value] = dict(session.shared)
        self.permitted = session.permitted
        self.trail = session.trail
        self.page = session.page
        self.tries = session.tries
        self.misses = session.misses
        self.held = session.held
        self.crisis = session.crisis
        self.safe_word = session.safe_word
        self.hidden = session.hidden
        self.slow = session.slow
        self.paused = session.paused
        self.not_now = session.not_now
        self.mails_asked = session.mails_asked
        self.mail_at = session.mail_at
        self.word_tries = session.word_tries
        self.gate_due, self.undo = session.gate_due, session.undo
        self.no_way = session.no_way
        self.offered = session.offered
        self.opened = session.opened
        self.into = self.into_before = session.into
        self.theirs, self.late_told, self.elsewhere = session.theirs, session.late_told, session.elsewhere
        self.wider = session.wider
        self.seen = session.seen
        self.counted = session.counted
        self.services = session.services
        self.not_to, self.declined_by = session.not_to, session.declined_by
        self.state_ok, self.carried = session.state_ok, session.carried
        self.minute = session.minute
        self.present = int(situation.now.timestamp()) // SECONDS  # `minute` of the next session
        self.texts: list[str] = []
        self.told_in: str | None = (
            None  # the conversation's language, while its words are rendered in English
        )
        self.english: list[str] | None = [] if situation.in_english else None
        self.trace: list[str] = []
        self.passed: list[str] = []
        self.effects: list[Effect] = []
        self.foreign: int | None = None
        self.steps = 0
        self.count: int | None = None
        self.from_case = False
        self.bare = False
        self.ended = False
        self.off_duty = False

    # --- saying ---------------------------------------------------------------------------------------

    def say(self, key: str) -> None:
        """Add an engine sentence."""
        self.tell(lambda: self.sentence(key))

    def say_with(self, key: str, /, **values: str | int) -> None:
        """Add an engine sentence with values, which read the same in every language."""
        self.tell(lambda: self.sentence(key, **values))

    def tell(self, render: Callable[[], str]) -> None:
        """Add a text that `render` gives in the language of the conversation, and in English where that is wanted too."""
        self.texts.append(render())
        if self.english is not None:
            self.english.append(self.rendered_in_english(render))

    def tell_all(self, render: Callable[[], Sequence[str]]) -> None:
        """The same for several texts."""
        self.texts += render()
        if self.english is not None:
            self.english += self.rendered_in_english(render)

    def unsay(self) -> None:
        """Take back everything that this turn said so far."""
        self.texts.clear()
        if self.english is not None:
            self.english.clear()

    def rendered_in_english(self, render: Callable[[], _Rendered]) -> _Rendered:
        """What `render` gives where the conversation is in English; nothing else of the turn changes."""
        language, foreign = self.language, self.foreign
        self.language, self.told_in = ENGLISH, language
        try:
            return render()
        finally:
            self.language, self.foreign, self.told_in = language, foreign, None

    def sentence(self, key: str, /, **values: str | int) -> str:
        """An engine sentence in the person's language; where people decide by it, only a reviewed one."""
        if self.ready.is_foreign(key, self.language):
            self.say_in_english()
        if not values:
            return self.ready.sentence(key, self.language)
        return self.ready.library.catalogue.ui(key, self.language, **values)

    def label(self, key: str) -> str:
        """An engine sentence to choose by, or to compare with what was typed."""
        return self.ready.sentence(key, self.language)

    def say_in_english(self) -> None:
        """What is said next is in English, for want of a reviewed text: `message_out` says so, once a message."""
        if self.foreign is None:
            self.foreign = len(self.texts)

    def fill(self, text: str, values: Mapping[str, str | int]) -> str:
        """`text` with its placeholders filled in the direction of the person's language."""
        return fill(text, values, self.ready.direction(self.language))

    # --- where we are ---------------------------------------------------------------------------------

    @property
    def top(self) -> Frame:
        """The frame that is running or waiting."""
        if not self.frames:
            raise LostError
        return self.frames[-1]

    def at_flow_question(self) -> bool:
        """Whether a flow's question waits, and none of the engine's own over it."""
        return self.asked is None and bool(self.frames)

    def flow(self) -> PreparedFlow:
        """The flow of the top frame."""
        try:
            return self.ready.flows[self.frames[-1].flow]
        except LookupError:
            raise LostError from None

    def step(self) -> PreparedStep:
        """The step of the top frame."""
        try:
            top = self.frames[-1]
            return self.ready.flows[top.flow].steps[top.step]
        except LookupError:
            raise LostError from None

    def move(self, step: str, phase: Phase = "") -> None:
        """Put the top frame at `step` of its flow."""
        top = self.top
        self.frames[-1] = Frame(top.flow, step, phase, top.slots, top.result, top.shown, top.agreed)

    def enter(self, flow: str, *, phase: Phase = "new") -> None:
        """Start `flow` on top of what is there."""
        found = self.ready.flows.get(flow)
        if found is None or len(self.frames) >= MAX_FRAMES:
            raise LostError
        self.frames.append(Frame(flow, found.flow.start, phase))

    def jump(self, flow: str) -> None:
        """Go to `flow` for good."""
        self.frames.clear()
        self.enter(flow)

    # --- the person's cases ---------------------------------------------------------------------------

    @property
    def cases(self) -> list[CaseView]:
        """The open cases that may be spoken of: not those the person is quiet about, until they ask."""
        return [each for each in self.situation.cases if self.theirs or not each.quiet or self.is_mine(each)]

    def is_mine(self, case: CaseView) -> bool:
        """Whether this conversation opened the case, or read an answer of it or chose it."""
        return named(case.organisation, case.designation) == self.opened or (
            self.into != "" and case.id == self.into
        )

    @property
    def case(self) -> CaseView | None:
        """The open case that the person's words go to without asking: the chosen one, or the only one.

        Never a complaint that this conversation neither made nor chose.
        """
        cases = self.cases
        for each in cases:
            if self.into and each.id == self.into:
                return each
        if len(cases) == 1 and (not cases[0].complaint or self.is_mine(cases[0])):
            return cases[0]
        return None

    @property
    def undecided(self) -> bool:
        """Whether several cases are open and the person did not say which one they write to."""
        return self.case is None and len(self.cases) > 1

    @property
    def listened_to(self) -> bool:
        """Whether free words are for the people who have a case: for one of several, after asking which."""
        return not self.paused and (self.case is not None or self.undecided)

    @property
    def tells_all(self) -> bool:
        """Whether every case of the person, a closed one with a waiting answer too, may be spoken of."""
        seen = {each.id for each in self.cases}
        quiet = [mail for mail in self.situation.mails if mail.discreet or mail.check_word]
        return self.theirs or (
            len(seen) == len(self.situation.cases) and all(mail.case in seen for mail in quiet)
        )

    # --- answers kept ---------------------------------------------------------------------------------

    def value(self, slot: str) -> Value | None:
        """What a slot holds, as the running flow sees it. None when empty."""
        top = self.top
        if slot == "result":
            return top.result or None
        flow = self.ready.flows.get(top.flow)
        if flow is not None and slot in flow.flow.remember:
            return top.slots.get(slot)
        found = self.shared.get(slot)
        if found is None and slot == "crisis_kind" and self.crisis:
            return self.crisis[0]
        return found

    def keep(self, slot: str, value: Value | None) -> None:
        """Fill a slot, or empty it with None or an empty text."""
        top = self.top
        flow = self.ready.flows.get(top.flow)
        if flow is not None and slot in flow.flow.remember:
            slots = dict(top.slots)
            _put(slots, slot, value)
            self.frames[-1] = Frame(top.flow, top.step, top.phase, slots, top.result, top.shown, top.agreed)
        else:
            _put(self.shared, slot, value)

    def keep_shared(self, slot: str, value: Value) -> None:
        """Fill a shared slot, whatever flow is running, when there is one of that name."""
        if slot in self.ready.library.shared:
            self.shared[slot] = value

    def remember_place(self) -> None:
        """Note where we are, so that `back` can return here. Sealed answers are left out."""
        self.no_way = False
        if not self.frames or self.frames[-1].phase == "new":
            return
        frames = tuple([self._unsealed(frame) for frame in self.frames])
        self.trail = remember_place(self.trail, Place(frames, self.shared))

    def go_back(self) -> bool:
        """Return to the place before the last answer; False when there is none."""
        place, self.trail = recall_place(self.trail)
        if place is None or not place.frames:
            return False
        self.frames = list(place.frames)
        self.shared = dict(place.shared)
        return True

    def _unsealed(self, frame: Frame) -> Frame:
        flow = self.ready.flows.get(frame.flow)
        sealed = flow.sealed if flow else frozenset(frame.slots)
        if frame.agreed is None and sealed.isdisjoint(frame.slots):
            return frame
        slots = {name: value for name, value in frame.slots.items() if name not in sealed}
        return Frame(frame.flow, frame.step, frame.phase, slots, frame.result, frame.shown)

    # --- the end of the turn --------------------------------------------------------------------------

    def clear_question(self) -> None:
        """Start a new question: its page, its tries and what was attached to it are over."""
        self.page = 0
        self.tries = 0
        self.undo = False

    def message_out(
        self, options: tuple[Option, ...], *, numbered: bool, english: OutboundMessage | None = None
    ) -> OutboundMessage:
        """Everything said in this turn."""
        language = self.language
        texts = tuple(self.texts)
        if self.foreign is not None and not self.bare:
            before, rest = texts[: self.foreign], texts[self.foreign :]
            note = self.ready.sentence("engine/language.english", language)
            offer = self.ready.sentence("engine/language.interpreter", language)
            texts = (*before, note, *rest, offer)
        return OutboundMessage(
            texts,
            language,
            self.ready.direction(language),
            options,
            () if self.bare else self.ready.footer(language),
            self.slow,
            self.from_case,
            numbered,
            english,
        )

    def message_in_english(self, options: tuple[Option, ...], *, numbered: bool) -> OutboundMessage:
        """The same message in English; `options` are in English already."""
        footer = () if self.bare else self.ready.footer(ENGLISH)
        texts = tuple(self.english or ())
        return OutboundMessage(texts, ENGLISH, "ltr", options, footer, self.slow, self.from_case, numbered)

    def session(self, shape: int) -> Session:
        """What is remembered until the next message."""
        situation = self.situation
        return Session(
            self.ready.release,
            self.language,
            self.present,
            tuple(self.frames),
            self.asked,
            self.shared,
            self.permitted,
            self.trail,
            situation.nonce,
            shape,
            self.page,
            self.tries,
            self.misses,
            self.held,
            self.crisis,
            self.safe_word,
            self.hidden,
            self.slow,
            self.paused,
            self.not_now,
            self.mails_asked,
            self.word_tries,
            self.gate_due,
            self.undo,
            self.no_way,
            self.offered,
            self.mail_at,
            self.opened,
            self.into,
            self.theirs,
            self.wider,
            self.seen,
            self.counted,
            self.services,
            self.not_to,
            self.state_ok,
            self.declined_by,
            self.carried,
            self.late_told,
            self.elsewhere,
        )

    def count_once(self, cell: str, effect: Effect) -> None:
        """Have something counted, unless it was in this conversation; beyond a number of cells nothing more is."""
        if cell not in self.counted and len(self.counted) < MOST_COUNTED:
            self.counted = (*self.counted, cell)
            self.effects.append(effect)

    def ask(self, kind: str, *names: str, data: str = "", under: Asked | None = None) -> None:
        """Put a question of the engine's own over the conversation, and over `under`."""
        self.asked = Asked(kind, names, data, under)

    def note_seen(self, services: Sequence[str]) -> None:
        """Remember that these services were shown, so that the person can say what was wrong there."""
        self.seen = tuple(dict.fromkeys((*services, *self.seen)))[:SEEN]

    def forget_visit(self) -> None:
        """After a flow that only interrupted: `back` does not lead into it any more, nor to where we are."""
        here = tuple(self._unsealed(frame) for frame in self.frames)
        while self.trail:
            place, rest = recall_place(self.trail)
            if place is not None and len(place.frames) <= len(here) and place.frames != here:
                return
            self.trail = rest


def named(organisation: str, designation: str) -> str:
    """What a case is called in a conversation that has no id of it yet."""
    return f"{organisation} {designation}"


def _put(slots: dict[str, Value], slot: str, value: Value | None) -> None:
    if value is None or value == "":
        slots.pop(slot, None)
    else:
        slots[slot] = value
