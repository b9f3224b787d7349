"""WhatsApp through Twilio, without its library: a signed form becomes a Delivery, a reply becomes TwiML.

Of a form only the fields that `_Fields` names are looked at. The profile name, media links, quoted senders and
coordinates are never read; that there was a picture, a place or a contact card is all that is kept.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes
from xml.sax.saxutils import escape  # nosec B406  # writes XML, reads none

from bot.channels.limits import INBOUND_TEXT, PAYLOAD_BYTES, WHATSAPP
from bot.channels.rendering import clean, length, numbered_parts
from bot.kernel.address import Address
from bot.kernel.errors import RefusedError
from bot.kernel.messages import Dropped, InboundMessage, OutboundMessage
from bot.ports import Delivery

Form = Sequence[tuple[str, str]]

CONTENT_TYPE = "text/xml"
"""Of every TwiML answer; another one is Twilio's error 12300."""

_MOST_FIELDS = 256
_PREFIX = "whatsapp:"
_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
_SCOPED_ID = re.compile(r"([A-Za-z]{2})\.((?:ENT\.)?[A-Za-z0-9]{1,128})")
_OTHER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{2,159}")
_CARD_TYPES = frozenset({"text/vcard", "text/x-vcard", "text/directory", "application/vcard"})


def parse_form(body: bytes) -> list[tuple[str, str]]:
    """The fields of an urlencoded body in order, repeated and blank ones included: the signature covers them all.

    Raises RefusedError when there are more fields than Twilio ever sends.
    """
    if body.count(b"&") >= _MOST_FIELDS:
        raise RefusedError("form.too_many_fields")
    form = []
    plain = body.isascii()
    for pair in body.decode("latin-1").split("&"):  # byte for byte: understood only once it is unquoted
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair or not plain:
            form.append((_decoded(name), _decoded(value)))
        elif pair:
            form.append((name, value))
    return form


def parse(form: Form) -> Delivery | None:
    """The person's message in a form whose signature was checked; None when it is no message of a person.

    Where Twilio names the person both by number and by business-scoped id, the id is the address and the number
    is in `also`.
    """
    fields = _Fields(form)
    address, also = fields.addresses()
    if address is None or not fields.message_id or fields.is_status:
        return None
    dropped = fields.dropped()
    tapped = fields.tapped()
    text = "" if tapped or dropped is Dropped.CONTACT or dropped is Dropped.LOCATION else fields.text()
    return Delivery(
        address,
        InboundMessage("whatsapp", fields.message_id, text=text, tapped=tapped, dropped=dropped),
        also=also,
    )


def render(reply: OutboundMessage, test_mark: str | None = None) -> tuple[str, ...]:
    """The reply as plain numbered texts of at most 1600 UTF-16 units; several parts say which they are."""
    parts = numbered_parts(reply, WHATSAPP.text, options=reply.options, footer=reply.footer, mark=test_mark)
    if len(parts) == 1 or reply.separate:
        return parts
    room = WHATSAPP.text - length(_place(len(parts), len(parts), reply)) - 8
    parts = numbered_parts(reply, room, options=reply.options, footer=reply.footer, mark=test_mark)
    return tuple(part + _place(number, len(parts), reply) for number, part in enumerate(parts, start=1))


def twiml(parts: Sequence[str]) -> bytes:
    """The answer to the webhook that says these texts of `render`; without any, it says nothing."""
    messages = "".join([f"<Message>{escape(part)}</Message>" for part in parts])
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{messages}</Response>'.encode()


def canonical(written: str) -> str | None:
    """An address as we hold it: `+381601234567`, `RS.1349...`; None when it is no WhatsApp address.

    A plus sign that was sent unescaped arrives as a space.
    """
    if written[: len(_PREFIX)].lower() != _PREFIX:
        return None
    value = written[len(_PREFIX) :].strip()
    number = value.removeprefix("+")
    if _NUMBER.fullmatch(number):
        return f"+{number}"
    if scoped := _SCOPED_ID.fullmatch(value):
        return f"{scoped[1].upper()}.{scoped[2]}"
    return value if _OTHER_ID.fullmatch(value) else None


class _Fields:
    """The few fields that are looked at, by name; the first of each name counts."""

    __slots__ = ("_media_type", "_values", "is_status", "message_id")

    def __init__(self, form: Form) -> None:
        self._values = dict(reversed(form))
        self.message_id = clean(self._values.get("MessageSid", ""))[:64]
        self.is_status = "MessageStatus" in self._values
        self._media_type = self._values.get("MediaContentType0", "").partition(";")[0].strip().lower()

    def addresses(self) -> tuple[Address | None, tuple[Address, ...]]:
        sender = canonical(self._values.get("From", ""))
        if sender is None:
            return None, ()
        external = self._values.get("ExternalUserId")
        scoped = canonical(_prefixed(external)) if external else None
        number = sender if sender.startswith("+") else canonical(_prefixed(self._values.get("WaId", "")))
        if number is not None and not number.startswith("+"):
            number = None
        best = sender if not sender.startswith("+") else scoped or sender
        also = (Address("whatsapp", number),) if number is not None and number != best else ()
        return Address("whatsapp", best), also

    def dropped(self) -> Dropped | None:
        kind = self._values.get("MessageType", "").lower()
        if self._values.get("Latitude") or kind == "location":
            return Dropped.LOCATION
        if kind in {"contacts", "contact"} or self._media_type in _CARD_TYPES:
            return Dropped.CONTACT
        if self._values.get("NumMedia", "0").strip() not in {"", "0"}:
            return Dropped.MEDIA
        return None if self._values.get("Body") or self._values.get("ButtonPayload") else Dropped.UNKNOWN

    def tapped(self) -> str | None:
        if "ButtonPayload" not in self._values:
            return None
        payload = clean(self._values["ButtonPayload"])
        return payload if 0 < len(payload.encode()) <= PAYLOAD_BYTES else None

    def text(self) -> str:
        """What the person wrote. Under a file, Twilio puts its name there, which may be anybody's: not kept."""
        kind = self._media_type
        if kind and not kind.startswith(("image/", "video/")):
            return ""
        return clean(self._values.get("Body", ""))[:INBOUND_TEXT]


def _prefixed(value: str) -> str:
    return value if value[: len(_PREFIX)].lower() == _PREFIX else _PREFIX + value


def _decoded(quoted: str) -> str:
    if quoted.isalnum() and quoted.isascii():
        return quoted
    text = quoted.replace("+", " ")
    if "%" in text:  # first what stands in every address; neither sign can be part of another escape
        text = text.replace("%3A", ":").replace("%2B", "+")
    if "%" not in text and text.isascii():
        return text
    return unquote_to_bytes(text.encode("latin-1")).decode("utf-8", "replace")


def _place(number: int, count: int, reply: OutboundMessage) -> str:
    mark = "\u200f" if reply.direction == "rtl" else ""
    return f"\n\n{mark}({number}/{count})"
