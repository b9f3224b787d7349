"""What is inside sealed envelopes and notes: the summary of a case, messages, replies. JSON, read strictly.

Exact times, the consent and everything the person said exist only in here.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from bot.handoff.fields import BodyFields, Json, read_fields, seconds, whole, write_fields
from bot.handoff.triage import URGENCIES, Urgency
from bot.kernel.errors import RefusedError

PERSON_KINDS = ("message", "cancel", "key")
"""From the person: their words; the wish to take the case back; a new mailbox key (no words)."""

TEAM_KINDS = ("reply", "internal")
"""From a caseworker: to the person; to the others only."""

_URGENCIES: dict[str, Urgency] = {urgency: urgency for urgency in URGENCIES}


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """One answer that the person agreed to pass on: the slot, its label as they saw it, their answer."""

    slot: str
    label: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """The first envelope of a case. Times are exact, aware, in UTC.

    A caseworker's client takes the mailbox key only from here, or from a later message of kind `key`. `wishes`
    are about interpreters and how to be spoken to. `digest` stands for the message that opened the case.
    """

    designation: str
    queue: str
    need: str
    urgency: Urgency
    language: str
    consent: str
    opened_at: datetime
    reachable_until: datetime
    mailbox_public: bytes
    country: str = ""
    area: str = ""
    shared: tuple[SharedAnswer, ...] = ()
    note: str = field(default="", repr=False)
    wishes: tuple[str, ...] = ()
    crisis: tuple[str, ...] = ()
    digest: str = ""

    @property
    def consent_hash(self) -> str:
        """SHA-256 over the exact text that was agreed to, in hexadecimal: the version of the consent."""
        return hashlib.sha256(whole(self.consent).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PersonMessage:
    """One further envelope from the person; `kind` is one of PERSON_KINDS. `digest` is the same for a repeat.

    `mailbox_public` and `reachable_until` come with `key`: the case moved to another epoch.
    """

    kind: str
    text: str = field(repr=False)
    at: datetime
    digest: str = ""
    mailbox_public: bytes = b""
    reachable_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TeamMessage:
    """A caseworker's words; `kind` is one of TEAM_KINDS. Who wrote them is who signed the envelope."""

    kind: str
    text: str = field(repr=False)
    at: datetime


Body = CaseSummary | PersonMessage | TeamMessage


def write_summary(summary: CaseSummary) -> bytes:
    """The body of a case's first envelope."""
    shared: list[Json] = [
        {"label": each.label, "slot": each.slot, "value": each.value} for each in summary.shared
    ]
    return write_fields(
        {
            "area": summary.area,
            "consent": {"sha256": summary.consent_hash, "text": summary.consent},
            "country": summary.country,
            "crisis": list(summary.crisis),
            "designation": summary.designation,
            "digest": summary.digest,
            "kind": "summary",
            "language": summary.language,
            "mailbox": summary.mailbox_public.hex(),
            "need": summary.need,
            "note": summary.note,
            "opened": seconds(summary.opened_at),
            "queue": summary.queue,
            "reachable_until": seconds(summary.reachable_until),
            "shared": shared,
            "urgency": summary.urgency,
            "wishes": list(summary.wishes),
        }
    )


def write_message(message: PersonMessage | TeamMessage) -> bytes:
    """The body of a further envelope."""
    fields: dict[str, Json] = {"at": seconds(message.at), "kind": message.kind, "text": message.text}
    if isinstance(message, PersonMessage):
        fields["digest"] = message.digest
        if message.kind == "key":
            fields["mailbox"] = message.mailbox_public.hex()
            fields["reachable_until"] = seconds(message.reachable_until or message.at)
    return write_fields(fields)


def read_body(body: bytes) -> Body:
    """What an opened envelope holds.

    Raises:
        RefusedError: `body.format`.
    """
    fields = read_fields(body)
    kind = fields.text("kind")
    if kind == "summary":
        return _summary(fields)
    if kind in TEAM_KINDS:
        return TeamMessage(kind, fields.text("text"), fields.time("at"))
    if kind not in PERSON_KINDS:
        raise RefusedError("body.format")
    moved = kind == "key"
    return PersonMessage(
        kind,
        fields.text("text"),
        fields.time("at"),
        fields.text("digest"),
        fields.data("mailbox") if moved else b"",
        fields.time("reachable_until") if moved else None,
    )


def write_note(text: str, at: datetime) -> bytes:
    """The body of a note that waits in a mailbox."""
    return write_message(TeamMessage("reply", text, at))


def read_note(body: bytes) -> str:
    """The words of an opened note.

    Raises:
        RefusedError: `body.format`, also for what is no reply to a person.
    """
    found = read_body(body)
    if not isinstance(found, TeamMessage) or found.kind != "reply":
        raise RefusedError("body.format")
    return found.text


def _summary(fields: BodyFields) -> CaseSummary:
    consent = fields.inner("consent")
    summary = CaseSummary(
        designation=fields.text("designation"),
        queue=fields.text("queue"),
        need=fields.text("need"),
        urgency=fields.one_of(_URGENCIES, "urgency"),
        language=fields.text("language"),
        consent=consent.text("text"),
        opened_at=fields.time("opened"),
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
    )
    if consent.text("sha256") != summary.consent_hash:
        raise RefusedError("body.format")
    return summary
