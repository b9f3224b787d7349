"""What comes in from a person and what goes out to one. No address, name or media reference is in either."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

ChannelName = Literal["telegram", "whatsapp", "sms", "simulator"]

Direction = Literal["ltr", "rtl"]


class Dropped(StrEnum):
    """What an adapter threw away at the edge, unread; the person is told kindly."""

    CONTACT = "contact"
    LOCATION = "location"
    MEDIA = "media"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message from a person, without anything that says who they are.

    `message_id` is the provider's id of the message: an address by proxy, used for the duplicate guard
    in memory and for keyed digests, never stored or logged. `tapped` is the payload of a button of ours.
    Its text form tells none of them, so that no exception or log line can.
    """

    channel: ChannelName
    message_id: str = field(repr=False)
    text: str = field(default="", repr=False)
    tapped: str | None = field(default=None, repr=False)
    dropped: Dropped | None = None
    edited: bool = False


class Option(NamedTuple):
    """One thing to tap or to type the number of. `payload` is at most 64 bytes."""

    number: int
    label: str
    payload: str


class OutboundMessage(NamedTuple):
    """Everything one turn says, in the order it is read.

    `texts` are separate ideas; a channel joins them into one message unless `separate` (slow mode).
    `options` are numbered from 1. `footer` are the always-there options (9 a person, 0 leave) printed
    under the message. `numbered` is false where a bare digit is the answer to the question: then labels are shown
    without their numbers, and typed as words. `from_case` marks a caseworker's words: protected from forwarding where a channel can.
    `english` is the same said in English, for who looks on at `/try/`: no channel sends it.
    """

    texts: tuple[str, ...]
    language: str = "en"
    direction: Direction = "ltr"
    options: tuple[Option, ...] = ()
    footer: tuple[Option, ...] = ()
    separate: bool = False
    from_case: bool = False
    numbered: bool = True
    english: "OutboundMessage | None" = None
