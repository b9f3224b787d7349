"""Telegram, without its library: an update becomes a Delivery, a reply becomes messages with buttons.

The structs below name all that is ever read of an update. Names, phone numbers, file ids, places and quoted
messages are not declared, so the decoder skips them and they never become Python objects on the webhook.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from bot.channels.limits import INBOUND_TEXT, PAYLOAD_BYTES, TELEGRAM
from bot.channels.rendering import clean, numbered_parts, oriented_label
from bot.kernel.address import Address
from bot.kernel.messages import Dropped, InboundMessage, Option, OutboundMessage
from bot.ports import Delivery

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask Telegram for; sent on every call because Telegram remembers the last list."""


@dataclass(frozen=True, slots=True)
class Update:
    """What one update turned out to be: a delivery, a person who left, a group to leave, or nothing for us.

    `query` is the id of a tapped button's query, to be answered so that the button stops spinning. `message` is the id
    of the person's own message, for deleting a contact card or an erased history. Both are addresses by proxy.
    """

    id: int
    delivery: Delivery | None = None
    left: Address | None = None
    group: Address | None = None
    query: str = field(default="", repr=False)
    message: int = field(default=0, repr=False)

    @property
    def who(self) -> Address | None:
        """Whose update this is; a person's updates are taken in order."""
        return self.delivery.address if self.delivery else self.left or self.group


@dataclass(frozen=True, slots=True)
class Button:
    """One button; `payload` comes back as `tapped`."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True)
class TelegramMessage:
    """One message to send: plain text (no parse mode, so nothing to escape and nothing to refuse) and its buttons."""

    text: str
    keyboard: tuple[tuple[Button, ...], ...] = ()
    protected: bool = False


def read_update(body: bytes) -> Update | None:
    """The update in a webhook's body, or None when it is not an update at all."""
    try:
        return _understood(_decoder.decode(body))
    except (
        ValueError,
        RecursionError,
    ):  # msgspec's and Unicode's errors are ValueErrors; depth is a RecursionError
        pass
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return convert_update(raw) if isinstance(raw, dict) else None


def convert_update(raw: Mapping[str, object]) -> Update | None:
    """The update in decoded JSON. One of a shape that we do not know keeps its id, so that it can be acknowledged."""
    try:
        return _understood(msgspec.convert(raw, _Update))
    except (ValueError, RecursionError):
        number = raw.get("update_id")
        return Update(number) if isinstance(number, int) else None


def render(reply: OutboundMessage, test_mark: str | None = None) -> list[TelegramMessage]:
    """The messages of a reply: one where it fits, one an idea in slow mode; the buttons hang on the last.

    One column of options and one row of always-there options. An option whose label is too long for a button is
    printed with its number in the message; one whose payload does not fit a button is printed and typed only.
    """
    tappable = [option for option in reply.options if _fits_a_button(option)]
    spelled_out = any(len(option.label) > TELEGRAM.label for option in reply.options)
    footer = [option for option in reply.footer if _fits_a_button(option)]
    room = TELEGRAM.buttons - len(footer)
    shown = tappable[:room]
    printed = reply.options if spelled_out else [option for option in reply.options if option not in shown]
    parts = numbered_parts(
        reply,
        TELEGRAM.text,
        options=printed,
        footer=[option for option in reply.footer if option not in footer],
        mark=test_mark,
    )
    keyboard: list[tuple[Button, ...]] = [(_button(option, reply),) for option in shown]
    always = [_button(option, reply) for option in footer]
    keyboard += [tuple(always[start : start + TELEGRAM.row]) for start in range(0, len(always), TELEGRAM.row)]
    if not parts and keyboard:
        every = (*reply.options, *reply.footer)
        parts = numbered_parts(reply, TELEGRAM.text, options=every, footer=(), mark=test_mark)
    return [
        TelegramMessage(
            text=part,
            keyboard=tuple(keyboard) if number == len(parts) else (),
            protected=reply.from_case,
        )
        for number, part in enumerate(parts, start=1)
    ]


def _fits_a_button(option: Option) -> bool:
    return 0 < len(option.payload.encode()) <= PAYLOAD_BYTES and bool(clean(option.label).strip())


def _button(option: Option, reply: OutboundMessage) -> Button:
    """The number stays visible, so that it can be typed or said over the phone; a long label leaves it alone."""
    short = len(option.label) <= TELEGRAM.label
    shown = (
        option.label
        if not reply.numbered
        else f"{option.number} {option.label}"
        if short
        else str(option.number)
    )
    return Button(oriented_label(shown, reply), option.payload)


# --- what is read of an update; https://core.telegram.org/bots/api#update, Bot API 10.1, read 2026-11 ----------


class _There(msgspec.Struct):
    """Something whose presence is all we want to know; every field of it is skipped."""


class _Chat(msgspec.Struct):
    id: int
    type: str


class _Message(msgspec.Struct):
    chat: _Chat
    message_id: int = 0
    text: str = ""
    caption: str = ""
    contact: _There | None = None
    location: _There | None = None
    venue: _There | None = None
    photo: list[_There] | None = None
    voice: _There | None = None
    audio: _There | None = None
    video: _There | None = None
    video_note: _There | None = None
    document: _There | None = None
    animation: _There | None = None
    live_photo: _There | None = None
    sticker: _There | None = None
    poll: _There | None = None
    dice: _There | None = None
    game: _There | None = None
    story: _There | None = None
    checklist: _There | None = None
    paid_media: _There | None = None


class _Query(msgspec.Struct):
    id: str
    message: _Message | None = None
    data: str = ""


class _Standing(msgspec.Struct):
    status: str


class _Membership(msgspec.Struct):
    chat: _Chat
    new_chat_member: _Standing


class _Update(msgspec.Struct):
    update_id: int
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Query | None = None
    my_chat_member: _Membership | None = None


_decoder = msgspec.json.Decoder(_Update)


def _understood(raw: _Update) -> Update:
    if raw.callback_query is not None:
        return _tap(raw.update_id, raw.callback_query)
    if raw.message is not None:
        return _message(raw.update_id, raw.message, edited=False)
    if raw.edited_message is not None:
        return _message(raw.update_id, raw.edited_message, edited=True)
    if raw.my_chat_member is not None:
        return _membership(raw.update_id, raw.my_chat_member)
    return Update(raw.update_id)


def _message(number: int, message: _Message, *, edited: bool) -> Update:
    if message.chat.type != "private":
        return Update(number, group=_group(message.chat))
    dropped = _dropped(message)
    text = _words(message, dropped)
    if not text and dropped is None:
        return Update(number)  # a service message: pinned, auto-delete timer changed, ...
    return Update(
        number,
        delivery=Delivery(
            Address("telegram", str(message.chat.id)),
            InboundMessage("telegram", _message_id(number), text=text, dropped=dropped, edited=edited),
        ),
        message=message.message_id,
    )


def _tap(number: int, query: _Query) -> Update:
    if query.message is None:
        return Update(number, query=query.id)
    if query.message.chat.type != "private":
        return Update(number, group=_group(query.message.chat), query=query.id)
    if not 0 < len(query.data.encode("utf-8", "surrogatepass")) <= PAYLOAD_BYTES:
        return Update(number, query=query.id)
    return Update(
        number,
        delivery=Delivery(
            Address("telegram", str(query.message.chat.id)),
            InboundMessage("telegram", _message_id(number), tapped=clean(query.data)),
        ),
        query=query.id,
    )


def _membership(number: int, change: _Membership) -> Update:
    if change.chat.type != "private":
        inside = change.new_chat_member.status in {"member", "administrator", "restricted"}
        return Update(number, group=_group(change.chat) if inside else None)
    if change.new_chat_member.status == "kicked":
        return Update(number, left=Address("telegram", str(change.chat.id)))
    return Update(number)


def _group(chat: _Chat) -> Address | None:
    """A group or channel to leave; None where Telegram itself speaks."""
    return Address("telegram", str(chat.id)) if chat.type in {"group", "supergroup", "channel"} else None


def _dropped(message: _Message) -> Dropped | None:
    if message.contact is not None:
        return Dropped.CONTACT
    if message.location is not None or message.venue is not None:
        return Dropped.LOCATION
    media = (
        message.photo,
        message.voice,
        message.audio,
        message.video,
        message.video_note,
        message.document,
        message.animation,
        message.live_photo,
        message.paid_media,
    )
    if any(thing is not None for thing in media):
        return Dropped.MEDIA
    others = (message.sticker, message.poll, message.dice, message.game, message.story, message.checklist)
    return Dropped.UNKNOWN if any(thing is not None for thing in others) else None


def _words(message: _Message, dropped: Dropped | None) -> str:
    """What the person wrote. Words under a picture are theirs and stay; a start link's code does not."""
    text = clean(message.text if dropped is None else message.caption)[:INBOUND_TEXT]
    command = text.partition(" ")[0].partition("@")[0]
    return "/start" if command == "/start" else text


def _message_id(number: int) -> str:
    return f"tg:{number}"
