"""Referring a person to a second organisation: what may leave, the states it goes through, and for how long each lasts.

Nothing leaves before the person said yes to the very words. Each organisation sees its own side only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.handoff.fields import BodyFields, Json, read_fields, write_fields
from bot.kernel.errors import RefusedError

MOST_AT_ONCE: Final = 3
"""Referrals of one case that run at the same time: several needs, one caseworker who leads."""

LONGEST_OFFERED: Final = timedelta(days=14)
LONGEST_UNCLAIMED: Final = timedelta(days=7)

FIELDS: Final = ("place", "address", "age", "safety", "words", "note", "sogiesc")
"""What may leave beside topic, language and who refers; in the order in which it is shown."""

LONGEST_VALUE: Final = 500
"""Characters of one of them: the person reads all of it before they decide."""

REASONS: Final = ("full", "area", "language", "other")
"""Why the second organisation does not take it."""

BY_PERSON: Final = "person"
"""Kept as the reason where the person said no."""


class ReferralState(StrEnum):
    """Where a referral is, as the organisation that refers sees it."""

    OFFERED = "offered"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"
    LAPSED = "lapsed"
    REVOKED = "revoked"


_S = ReferralState
NEXT: Final[Mapping[ReferralState, frozenset[ReferralState]]] = {
    _S.OFFERED: frozenset({_S.SENT, _S.DECLINED, _S.LAPSED, _S.REVOKED}),
    _S.SENT: frozenset({_S.ACCEPTED, _S.DECLINED, _S.LAPSED, _S.REVOKED}),
    _S.ACCEPTED: frozenset({_S.DECLINED, _S.DONE, _S.REVOKED}),
    _S.DECLINED: frozenset(),
    _S.DONE: frozenset(),
    _S.LAPSED: frozenset(),
    _S.REVOKED: frozenset(),
}
"""The whole of it. What ended stays ended: the caseworker offers anew."""

RUNNING: Final = frozenset(state for state, after in NEXT.items() if after)
TOLD: Final = frozenset({_S.ACCEPTED, _S.DECLINED, _S.DONE, _S.LAPSED})
"""What the person hears of, unless they did it themselves."""


def may_become(before: ReferralState, after: ReferralState) -> bool:
    """Whether the table has this step."""
    return after in NEXT[before]


@dataclass(frozen=True, slots=True)
class ReferralOffer:
    """What a caseworker proposes, as it travels sealed to the person's mailbox and to the own team.

    `to` is the id of the organisation; its name is taken from its keyring when the person is asked. `fields` are the
    very words that would leave, by the names in FIELDS.
    """

    to: str
    queue: str
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def to_json(self) -> Json:
        """The offer inside a body."""
        return {
            "fields": [{"field": name, "value": value} for name, value in self.fields],
            "queue": self.queue,
            "to": self.to,
        }


_UNREADABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, marks that turn a line round, halves of characters: what is read would not be what leaves."""


def offered(text: str) -> str:
    """What somebody typed, as it may stand in an offer: on one line, and nothing in it that cannot be read."""
    return " ".join(_UNREADABLE.sub(" ", text).split())


def read_offer(fields: BodyFields) -> ReferralOffer:
    """The offer of a body; each field once, in order, on one line, filled, readable and not too long.

    Raises:
        RefusedError: `body.format`.
    """
    given = [(each.text("field"), each.text("value")) for each in fields.objects("fields")]
    found = tuple((name, " ".join(value.split())) for name, value in given)
    names = [name for name, _ in found]
    in_order = [name for name in FIELDS if name in names]
    if names != in_order or not all(0 < len(value) <= LONGEST_VALUE for _, value in found):
        raise RefusedError("body.format")
    if any(_UNREADABLE.search(value) for _, value in found):
        raise RefusedError("body.format")
    return ReferralOffer(fields.text("to"), fields.text("queue"), found)


@dataclass(frozen=True, slots=True)
class Referral:
    """One side of a referral as it is kept. `organisation` is whose side it is, `hour` when the state was reached.

    On the side that refers `to` and `queue` name the receiver, `sequence` the note that asks the person, and `told` the
    state that they heard of last. On the receiving side `link` is the id of the other row; of the rest nothing is there.
    """

    organisation: str
    hour: int
    state: ReferralState = ReferralState.OFFERED
    to: str = ""
    queue: str = ""
    sequence: int = 0
    reason: str = ""
    told: str = ""
    link: str = ""

    @property
    def is_received(self) -> bool:
        """Whether this is the side of the organisation that was asked."""
        return bool(self.link)

    @property
    def is_news(self) -> bool:
        """Whether the person has not heard of the state yet, and did not bring it about themselves."""
        return self.state in TOLD and self.told != self.state and self.reason != BY_PERSON

    def to_bytes(self) -> bytes:
        """What is sealed into the row."""
        return write_fields(
            {
                "hour": str(self.hour),
                "link": self.link,
                "organisation": self.organisation,
                "queue": self.queue,
                "reason": self.reason,
                "sequence": str(self.sequence),
                "state": self.state.value,
                "to": self.to,
                "told": self.told,
            }
        )


_STATES: Final = {state.value: state for state in ReferralState}


def read_referral(body: bytes) -> Referral:
    """The side that was sealed.

    Raises:
        RefusedError: `body.format`.
    """
    fields = read_fields(body)
    hour, sequence = fields.text("hour"), fields.text("sequence")
    if not (hour.isdecimal() and sequence.isdecimal()):
        raise RefusedError("body.format")
    return Referral(
        organisation=fields.text("organisation"),
        hour=int(hour),
        state=fields.one_of(_STATES, "state"),
        to=fields.text("to"),
        queue=fields.text("queue"),
        sequence=int(sequence),
        reason=fields.text("reason"),
        told=fields.text("told"),
        link=fields.text("link"),
    )
