"""People at the other end of the Twilio double: each message is a signed call of the webhook, each answer is checked."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import aiohttp
from defusedxml import ElementTree
from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from tests.doubles.twilio import TwilioDouble

MOST_TEXT = 1600
WRONG_ANSWER, WRONG_TYPE, WRONG_XML, TOO_LONG = 11200, 12300, 12100, 21617


@dataclass(frozen=True, slots=True)
class Alert:
    """What Twilio's debugger shows; it keeps the whole request, number and text included."""

    code: int
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the webhook said in the end. `status` is 0 when it could not be reached; `tries` counts calls."""

    status: int
    texts: tuple[str, ...] = ()
    tries: int = 1


@dataclass(slots=True)
class Policy:
    """Retries and time limits, from the fragment of the webhook's URL.

    Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, read 2026-11.
    """

    retries: int = 1
    on: frozenset[str] = frozenset({"ct"})
    seconds: float = 15.0

    @classmethod
    def of(cls, url: str) -> "Policy":
        """Read `#rc=3&rp=ct,rt&rt=4000`."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(url).fragment).items()}
        return cls(
            retries=int(given.get("rc", 1)),
            on=frozenset(given.get("rp", "ct").split(",")),
            seconds=int(given.get("rt", 15000)) / 1000,
        )


@dataclass(slots=True)
class WhatsAppPerson:
    """Somebody on WhatsApp, known by number, by business-scoped id, or by both."""

    twilio: "TwilioDouble"
    number: str = ""
    scoped: str = ""
    name: str = "Canary"
    heard: list[str] = field(default_factory=list)
    last_form: dict[str, str] = field(default_factory=dict)

    @property
    def addresses(self) -> set[str]:
        """How Twilio may be told to reach this person."""
        return {f"whatsapp:{each}" for each in (self.number, self.scoped) if each}

    async def say(self, text: str, **extra: str) -> Answer:
        """Write a message; extra fields as Twilio names them."""
        return await self.send(Body=text, **extra)

    async def share_contact(self, text: str = "Canary.vcf") -> Answer:
        """Send a contact card."""
        return await self.send(
            Body=text, NumMedia="1", MediaContentType0="text/vcard", MediaUrl0=self._media()
        )

    async def share_location(self, latitude: str = "44.8", longitude: str = "20.4") -> Answer:
        """Send a place; its body is empty."""
        place = {"Latitude": latitude, "Longitude": longitude, "Address": "Canary street", "Label": "Canary"}
        return await self.send(Body="", MessageType="location", **place)

    async def send_photo(self, caption: str = "") -> Answer:
        """Send a picture."""
        return await self.send(
            Body=caption, NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0=self._media()
        )

    async def send(self, **fields: str) -> Answer:
        """Send a message of any kind."""
        return await self.deliver(self.form(**fields))

    async def replay(self, times: int = 1) -> list[Answer]:
        """Deliver the last message again, with the same MessageSid, all at once."""
        return list(await asyncio.gather(*(self.deliver(self.last_form) for _ in range(times))))

    def form(self, **fields: str) -> dict[str, str]:
        """A new message as Twilio posts it."""
        sid = self.twilio.new_sid("SM")
        form = {
            "SmsMessageSid": sid,
            "NumMedia": "0",
            "ProfileName": self.name,
            "MessageType": "text",
            "SmsSid": sid,
            "SmsStatus": "received",
            "To": self.twilio.sender,
            "NumSegments": "1",
            "ReferralNumMedia": "0",
            "MessageSid": sid,
            "AccountSid": self.twilio.account,
            "From": f"whatsapp:{self.number or self.scoped}",
            "ApiVersion": "2010-04-01",
        }
        if self.number:
            form["WaId"] = self.number.lstrip("+")
        if self.scoped:
            form["ExternalUserId"] = f"whatsapp:{self.scoped}"
        return form | fields

    async def deliver(self, form: Mapping[str, str], *, signature: str | None = None) -> Answer:
        """Post this form, signed unless a signature is given, with Twilio's retries; check the TwiML of the answer."""
        self.last_form = dict(form)
        self.twilio.receive(self, form)
        policy = Policy.of(self.twilio.webhook_url)
        target, _, _ = self.twilio.webhook_url.partition("#")
        signed = self.twilio.public_url or target
        headers = {
            "X-Twilio-Signature": signature
            or RequestValidator(self.twilio.token).compute_signature(signed, form),
            "I-Twilio-Idempotency-Token": self.twilio.new_sid("ID"),
        }
        answer = Answer(0)
        for tries in range(1, policy.retries + 2):
            answer, trouble = await self._call(target, form, headers, policy, tries)
            if not trouble or not ("all" in policy.on or trouble & policy.on):
                break
        self.heard += answer.texts
        return answer

    async def _call(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str], policy: Policy, tries: int
    ) -> tuple[Answer, frozenset[str]]:
        """One call: the answer, and the kinds of trouble that a retry policy may name."""
        limit = aiohttp.ClientTimeout(total=policy.seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.post(url, data=dict(form), headers=headers) as answer,
            ):
                status, body, kind = answer.status, await answer.read(), answer.content_type
        except TimeoutError:
            self.twilio.alerts.append(Alert(WRONG_ANSWER, form))
            return Answer(0, tries=tries), frozenset({"rt"})
        except aiohttp.ClientError:
            self.twilio.alerts.append(Alert(WRONG_ANSWER, form))
            return Answer(0, tries=tries), frozenset({"ct"})
        if status >= 400:
            self.twilio.alerts.append(Alert(WRONG_ANSWER, form))
            return Answer(status, tries=tries), frozenset({"5xx" if status >= 500 else "4xx"})
        code, texts = checked_twiml(body, kind)
        if code:
            self.twilio.alerts.append(Alert(code, form))
        return Answer(status, texts, tries), frozenset()

    def _media(self) -> str:
        return f"https://api.twilio.com/2010-04-01/Accounts/{self.twilio.account}/Media/ME{'c' * 32}"


def checked_twiml(body: bytes, content_type: str) -> tuple[int, tuple[str, ...]]:
    """The alert that an answer causes (0: none) and the messages that are sent."""
    if content_type not in {"text/xml", "application/xml"}:
        return WRONG_TYPE, ()
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError):
        return WRONG_XML, ()
    if root.tag != "Response" or any(each.tag != "Message" or len(each) for each in root):
        return WRONG_XML, ()
    texts: Sequence[str] = [each.text or "" for each in root]
    if any(len(text.encode("utf-16-le")) // 2 > MOST_TEXT or not text.strip() for text in texts):
        return TOO_LONG, ()
    return 0, tuple(texts)
