"""What is remembered of a conversation between two turns, and its small, versioned form in bytes.

A session lives in memory, sealed, for half an hour; at most 2 KiB is the aim. It holds no address, and a sealed
answer only while the handoff that it is for is being prepared. Whoever reads damaged or foreign bytes gets None.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from bot.flow.definition import Urgency, Value

FORMAT: Final = b"\x02"
"""First byte of the encoded form. A release that cannot read an older form starts those conversations anew."""

TRAIL_BYTES: Final = 1200
"""What the earlier places may take together; the oldest go first."""

TRAIL_STEPS: Final = 8

Phase = Literal["", "new", "permission", "consent", "call"]
"""Where in its step a frame is: at the step's own question; not begun; at an engine question; in a called flow."""


class Agreement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the person said yes to: the organisation and a checksum of the exact text shown."""

    organisation: str
    checksum: int


class Frame(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One level of flow-calls-flow. `shown` counts the services already shown, by step.

    `step=place` in it: the person lets go of the place there, and the count is of those further away.
    """

    flow: str
    step: str
    phase: Phase = ""
    slots: Mapping[str, Value] = {}
    result: str = ""
    shown: Mapping[str, int] = {}
    agreed: Agreement | None = None


class Asked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A question of the engine's own, over whatever the flow was asking. `names` are its choices, in order.

    `under` is another such question that comes back when this one is answered.
    """

    kind: str
    names: tuple[str, ...] = ()
    data: str = ""
    under: "Asked | None" = None


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where the conversation stood before an answer: what `back` returns to."""

    frames: tuple[Frame, ...]
    shared: Mapping[str, Value]


class Wider(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What more could be found at the `match` step of `flow`: filters to let go of, offered at the question of `at`."""

    flow: str
    step: str
    at: str
    names: tuple[str, ...]


class Carried(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What holds on for the next request after one was declined: how quiet answers are, and how urgent it was.

    `complaint` is the independent queue of a declined complaint, empty for an ordinary request: neither is told by the
    other. `urgency` counts for another try through the same `queue`.
    """

    complaint: str
    queue: str
    urgency: Urgency
    discreet: bool = False
    check_word: str = ""


class Session(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One conversation. `minute` is the last message in whole minutes since 1970.

    `trail` holds encoded `Place`s, oldest first. `nonce` marks the buttons last shown and `shape` the structure of
    the question they belong to. `held` is one message that waits for the answer to an engine question.
    `undo` says that free text led here and one tap takes it back. `gate_due`: how answers arrive was not asked yet.
    `not_now`: the person said that now is not a good time. `offered`: the language that a switch was offered to.
    `mails_asked` are ids of cases whose waiting notes were offered, `mail_at` the last that a note or a check word was
    asked about. `opened` names the case that this conversation opened last. `into` is the id of the case that the person
    chose to write to. `theirs`: they asked for their people, so that cases they are quiet about may be spoken of.
    `wider`: what more could be found, offered under the question.
    `seen`: the services shown last, as `organisation/service`, the newest first.
    `not_to`: organisations that the person does not want. `state_ok`: the queue and the state body that they said yes to
    being asked about. `declined_by`: organisations that could not take a request, each behind the independent queue of a
    complaint or an empty text; they are not asked again, and that is never shown or sent. `carried`: one for each kind and queue; the last of
    a kind is as quiet as any before it.
    `late_told`: ids of the cases of which it was said that they wait too long. `elsewhere`: organisations that the next handoff
    does not go to, because they have a request already.
    `counted`: what was counted of this conversation, so
    that nothing is counted twice. `services`: those shown last, as `organisation/service`.
    """

    release: str
    language: str
    minute: int
    frames: tuple[Frame, ...] = ()
    asked: Asked | None = None
    shared: Mapping[str, Value] = {}
    permitted: tuple[str, ...] = ()
    trail: tuple[bytes, ...] = ()
    nonce: str = ""
    shape: int = 0
    page: int = 0
    tries: int = 0
    misses: int = 0
    held: str = ""
    crisis: tuple[str, ...] = ()
    safe_word: str = ""
    hidden: bool = False
    slow: bool = False
    paused: bool = False
    not_now: bool = False
    mails_asked: tuple[str, ...] = ()
    word_tries: int = 0
    gate_due: bool = False
    undo: bool = False
    no_way: bool = False
    offered: str = ""
    mail_at: str = ""
    opened: str = ""
    into: str = ""
    theirs: bool = False
    wider: Wider | None = None
    seen: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    not_to: tuple[str, ...] = ()
    state_ok: tuple[tuple[str, str], ...] = ()
    declined_by: tuple[tuple[str, str], ...] = ()
    carried: tuple[Carried, ...] = ()
    late_told: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


_encoder: Final = msgspec.msgpack.Encoder()
_sessions: Final = msgspec.msgpack.Decoder(Session)
_places: Final = msgspec.msgpack.Decoder(Place)


def encode(session: Session) -> bytes:
    """The session as bytes for the session store, which seals them."""
    return FORMAT + _encoder.encode(session)


def decode(data: bytes) -> Session | None:
    """The session that `data` holds, or None when it is damaged or of another format."""
    if data[:1] != FORMAT:
        return None
    try:
        return _sessions.decode(memoryview(data)[1:])
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def remember_place(trail: tuple[bytes, ...], place: Place) -> tuple[bytes, ...]:
    """`trail` with one more place at its end, within its limits."""
    longer = (*trail, _encoder.encode(place))[-TRAIL_STEPS:]
    total = sum(map(len, longer))
    while total > TRAIL_BYTES:
        total -= len(longer[0])
        longer = longer[1:]
    return longer


def recall_place(trail: tuple[bytes, ...]) -> tuple[Place | None, tuple[bytes, ...]]:
    """The newest place of `trail` and what is left; None when there is none that can be read."""
    if not trail:
        return None, ()
    try:
        return _places.decode(trail[-1]), trail[:-1]
    except (msgspec.DecodeError, ValueError):
        return None, trail[:-1]
