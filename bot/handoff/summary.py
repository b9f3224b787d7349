"""What is inside sealed envelopes and notes: the summary of a case, messages, replies. JSON, read strictly.

Exact times, the consent and everything the person said exist only in here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from bot.handoff.fields import BodyFields, Json, read_fields, seconds, whole, write_fields
from bot.handoff.referral import ReferralOffer, read_offer
from bot.handoff.triage import URGENCIES, Urgency
from bot.kernel.errors import RefusedError

Kind = Literal[
    "message", "cancel", "erased", "key", "moved", "reply", "referral", "declined", "internal", "grant"
]
"""From the person: words, the wish to take the case back, that they erased themselves, a new mailbox key, the same because
the conversation moved to another address.
From a caseworker: to the person, the question whether a second organisation may be asked, that the organisation cannot
take the case, to colleagues, the keys of earlier messages to one colleague."""

_WITH_MAILBOX: Final = frozenset({"key", "moved"})
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_URGENCIES: dict[str, Urgency] = {urgency: urgency for urgency in URGENCIES}

WISHES: Final[Mapping[str, str]] = {
    "interpreter": "language",
    "dialect": "dialect",
    "interpreter_gender": "gender",
    "interpreter_community": "community",
    "interpreter_form": "form",
}
"""The slots in which people say how to speak with them and who may interpret (flows/shared.yaml), and what each is about."""


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """One answer that the person agreed to pass on: the slot, its label as they saw it, their answer."""

    slot: str
    label: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """The first envelope of a case. Times are exact, aware, in UTC.

    A caseworker's client takes the mailbox key only from here, or from a later message of kind `key` or `moved`. `wishes`
    are about interpreters and how to be spoken to; `interpreter` says of each what it is about (the values of WISHES).
    `excluded` are ids of organisations that the person does not want. `digest` stands for the message that opened the case.
    `code_words` are those by which the person knows who is of the team.
    """

    designation: str
    organisation: str
    queue: str
    need: str
    urgency: Urgency
    language: str
    consent: str
    opened: datetime
    reachable_until: datetime
    mailbox_public: bytes
    country: str = ""
    area: str = ""
    shared: tuple[SharedAnswer, ...] = ()
    note: str = field(default="", repr=False)
    wishes: tuple[str, ...] = ()
    crisis: tuple[str, ...] = ()
    digest: str = ""
    interpreter: Mapping[str, str] = field(default_factory=dict, repr=False)
    excluded: tuple[str, ...] = ()
    code_words: str = field(default="", repr=False)

    @property
    def consent_hash(self) -> str:
        """The version of the consent, as in `version_of`."""
        return version_of(self.consent)

    def to_bytes(self) -> bytes:
        """The body to seal."""
        shared: list[Json] = [
            {"label": each.label, "slot": each.slot, "value": each.value} for each in self.shared
        ]
        return write_fields(
            {
                "area": self.area,
                "code_words": self.code_words,
                "consent": _agreed(self.consent),
                "country": self.country,
                "crisis": list(self.crisis),
                "designation": self.designation,
                "digest": self.digest,
                "excluded": list(self.excluded),
                "interpreter": dict(self.interpreter),
                "kind": "summary",
                "language": self.language,
                "mailbox": self.mailbox_public.hex(),
                "need": self.need,
                "note": self.note,
                "opened": seconds(self.opened),
                "organisation": self.organisation,
                "queue": self.queue,
                "reachable_until": seconds(self.reachable_until),
                "shared": shared,
                "urgency": self.urgency,
                "wishes": list(self.wishes),
            }
        )


@dataclass(frozen=True, slots=True)
class GrantedKey:
    """The content key of one envelope of the same case. The commitment in that envelope proves it right or wrong."""

    direction: str
    sequence: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseMessage:
    """One further envelope, or a note. Who wrote it is who signed it. `digest` is the same for a repeat.

    `mailbox_public` and `reachable_until` come with `key` (the case is in another epoch) and `moved` (at another address). `keys` come with `grant`,
    `offer` with `referral`. `excluded` with `declined`: what the person is told with no words of a caseworker's, and whom
    they did not want. `consent` is the text that was agreed to anew when a `message` is what an open case got by a further
    yes; empty for words that were only written.
    """

    kind: Kind
    text: str = field(repr=False)
    at: datetime
    digest: str = ""
    mailbox_public: bytes = b""
    reachable_until: datetime | None = None
    keys: tuple[GrantedKey, ...] = ()
    offer: ReferralOffer | None = None
    excluded: tuple[str, ...] = ()
    consent: str = field(default="", repr=False)

    def to_bytes(self) -> bytes:
        """The body to seal."""
        fields: dict[str, Json] = {
            "at": seconds(self.at),
            "digest": self.digest,
            "kind": self.kind,
            "text": self.text,
        }
        if self.kind in _WITH_MAILBOX:
            fields["mailbox"] = self.mailbox_public.hex()
            fields["reachable_until"] = seconds(self.reachable_until or self.at)
        if self.kind == "grant":
            fields["keys"] = [
                {"dir": each.direction, "key": each.key.hex(), "seq": each.sequence} for each in self.keys
            ]
        if self.offer is not None:
            fields["offer"] = self.offer.to_json()
        if self.kind == "declined":
            fields["excluded"] = list(self.excluded)
        if self.consent:
            fields["consent"] = _agreed(self.consent)
        return write_fields(fields)


def version_of(consent: str) -> str:
    """SHA-256 over the exact text that was agreed to, in hexadecimal."""
    return hashlib.sha256(whole(consent).encode()).hexdigest()


def _agreed(consent: str) -> dict[str, Json]:
    return {"sha256": version_of(consent), "text": consent}


def read_body(body: bytes) -> CaseSummary | CaseMessage:
    """What an opened envelope or note holds.

    Raises:
        RefusedError: `body.format`.
    """
    fields = read_fields(body)
    if fields.text("kind") == "summary":
        return _summary(fields)
    kind = fields.one_of(_KINDS, "kind")
    rekeyed = kind in _WITH_MAILBOX
    return CaseMessage(
        kind=kind,
        text=fields.text("text"),
        at=fields.time("at"),
        digest=fields.text("digest"),
        mailbox_public=fields.data("mailbox") if rekeyed else b"",
        reachable_until=fields.time("reachable_until") if rekeyed else None,
        keys=tuple(
            GrantedKey(each.text("dir"), each.count("seq"), each.data("key"))
            for each in (fields.objects("keys") if kind == "grant" else ())
        ),
        offer=read_offer(fields.inner("offer")) if kind == "referral" else None,
        excluded=fields.texts("excluded") if kind == "declined" else (),
        consent=_read_consent(fields) if kind == "message" and "consent" in fields.found else "",
    )


def _read_consent(fields: BodyFields) -> str:
    """The text that was agreed to; a hash of another one is refused as `body.format`."""
    consent = fields.inner("consent")
    text = consent.text("text")
    if consent.text("sha256") != version_of(text):
        raise RefusedError("body.format")
    return text


def _summary(fields: BodyFields) -> CaseSummary:
    wishes = fields.inner("interpreter")
    return CaseSummary(
        designation=fields.text("designation"),
        organisation=fields.text("organisation"),
        queue=fields.text("queue"),
        need=fields.text("need"),
        urgency=fields.one_of(_URGENCIES, "urgency"),
        language=fields.text("language"),
        consent=_read_consent(fields),
        opened=fields.time("opened"),
        reachable_until=fields.time("reachable_until"),
        mailbox_public=fields.data("mailbox"),
        country=fields.text("country"),
        area=fields.text("area"),
        shared=tuple(
            SharedAnswer(each.text("slot"), each.text("label"), each.text("value"))
            for each in fields.objects("shared")
        ),
        note=fields.text("note"),
        wishes=fields.texts("wishes"),
        crisis=fields.texts("crisis"),
        digest=fields.text("digest"),
        interpreter={about: wishes.text(about) for about in WISHES.values() if about in wishes.found},
        excluded=fields.texts("excluded"),
        code_words=fields.text("code_words"),
    )
