"""The JSON of the caseworkers' interface. Binary values are base64url without padding; sealed things are text."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.crypto.wire import from_base64
from bot.handoff.playbook import Playbook
from bot.kernel.errors import RefusedError
from bot.kernel.messages import ChannelName, Direction
from bot.usecases.send_reply import Reply


def _is_base64(text: str) -> str:
    try:
        from_base64(text, "field")
    except RefusedError:
        raise ValueError("not base64url without padding") from None
    return text


Binary = Annotated[str, Field(max_length=90_000), AfterValidator(_is_base64)]
Signed = Annotated[str, Field(max_length=8_192)]
"""A signed document: canonical JSON as text."""
Sealed = Annotated[str, Field(max_length=400_000)]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EnrolIn(_Strict):
    """A new caseworker's machine introduces itself."""

    token: Annotated[str, Field(min_length=20, max_length=100)]
    alias: Annotated[str, Field(min_length=1, max_length=40)]
    identity_public: Binary
    duty_certificate: Signed
    proof: Binary


class InvitationIn(_Strict):
    """Ask what an invitation is for, without using it."""

    token: Annotated[str, Field(min_length=20, max_length=100)]


class InvitationOut(_Strict):
    """What an invitation is for."""

    organisation: str
    organisation_name: str
    role: str


class EnrolOut(_Strict):
    """Who they are now and what is left to do."""

    id: str
    organisation: str
    organisation_name: str
    role: str
    standing: Literal["member", "found-keyring", "wait-for-lead", "no-recipient"]
    server_public: Binary


class ChallengeIn(_Strict):
    """Whose key will answer."""

    kid: Hex32


class ChallengeOut(_Strict):
    """Random bytes to sign."""

    challenge: Binary


class LoginIn(_Strict):
    """The signed challenge. `server` is the address that was opened."""

    kid: Hex32
    challenge: Binary
    signature: Binary
    server: Annotated[str, Field(max_length=300)]


class LoginOut(_Strict):
    """A bearer token for some hours, and what its owner's role may do."""

    token: str
    expires_at: int
    id: str
    organisation: str
    role: str
    alias: str
    may: tuple[str, ...]


class MeOut(_Strict):
    """Who is signed in, and what their role may do."""

    id: str
    organisation: str
    organisation_name: str
    role: str
    alias: str
    may: tuple[str, ...]


class PersonOut(_Strict):
    """Somebody enrolled, as the lead who looks after people sees them."""

    id: str
    kid: str
    alias: str
    role: str


class RoleIn(_Strict):
    """Whom a lead invites: one of the eight roles."""

    role: Annotated[str, Field(max_length=30)]


class LinkOut(_Strict):
    """The one-time token that stands behind `#enrol=` in the link."""

    token: str


class AuditOut(_Strict):
    """Whether the chain is whole, and how often what happened; about cases in whole tens."""

    whole: bool
    events: dict[str, int]


class AlarmOut(_Strict):
    """Who opened (`case.read`) or saved (`case.exported`) so many different cases within two hours; nothing of the cases."""

    who: str
    event: str
    hour: int
    cases: int


class WayOut(_Strict):
    """One way in which the caseworker is rung: `email` or `telegram`. Where, nobody is told."""

    id: str
    kind: str


class WaysOut(_Strict):
    """One's own ways, and the kinds that the operator switched on."""

    offered: tuple[str, ...]
    ways: tuple[WayOut, ...]


class MailIn(_Strict):
    """Where to ring by mail."""

    address: Annotated[str, Field(min_length=3, max_length=254)]


class CodeOut(_Strict):
    """What to write to the bot for staff, once, within so many minutes. `bot` is its name, empty while it is out of reach."""

    code: str
    minutes: int
    bot: str


class CountsOut(_Strict):
    """How often what happened, in whole tens; what happened less than ten times is left out."""

    events: dict[str, int]


class CaseOut(_Strict):
    """A case as the queue shows it: nothing of what was said.

    `channel`: where the chat is live now; told for an opened case and in the queue for one's own. `notes`: how many
    notes of colleagues there are. Both are null where they are not told. `muted_until`: in seconds.
    `emergency`: how it stands whether the emergency services are called; null where nothing was asked.
    `rings`: how often the bell rang for it, so that an open page rings again. `alone`: of an opened case,
    that whoever has it is not there for it.
    """

    id: str
    designation: str
    queue: str
    need: str
    urgency: str
    language: str
    status: str
    opened_hour: int
    touched_hour: int
    claimed_by: str | None
    mine: bool
    messages: int
    replies: int
    epoch: int
    reachable_until: int | None
    channel: ChannelName | None = None
    notes: int | None = None
    muted_until: int | None = None
    emergency: str | None = None
    rings: int = 0
    alone: bool = False


class EnvelopeOut(_Strict):
    """One sealed message."""

    sequence: int
    direction: str
    sealed: Sealed
    hour: int


class StaffOut(_Strict):
    """A colleague, as the server believes; verify with the keyring. `away_until`: the end of a pause, in seconds."""

    id: str
    kid: str
    alias: str
    role: str
    identity_public: Binary
    duty_certificate: Signed
    duty_statement: Signed
    away_until: int | None = None


class TeamOut(_Strict):
    """The keyring's signed entries, who can be in it, and the root this server pins (empty: not pinned).

    The checkpoints are of the audit chain: as it is, and as it was at the asked number of lines; empty: it was changed.
    `complaints` are the queues whose cases are sealed to focal points.
    """

    organisation: str
    entries: tuple[Signed, ...]
    staff: tuple[StaffOut, ...]
    complaints: tuple[str, ...]
    root: str
    server_public: Binary
    installation: str
    checkpoint: Signed
    checkpoint_then: Signed


class OpenedOut(_Strict):
    """A case with its envelopes and the team to verify them with."""

    case: CaseOut
    envelopes: tuple[EnvelopeOut, ...]
    team: TeamOut


class ReplyIn(_Strict):
    """A reply: sealed to the mailbox, signed, and a copy sealed to the team.

    `mailbox` says which public key it was sealed to; one that was replaced meanwhile is refused instead of lost.
    `wishes_read`: the signature that comes with the first reply of a case.
    """

    sequence: Annotated[int, Field(ge=1, le=100_000)]
    sealed: Binary
    signature: Binary
    copy_for_team: Sealed = ""
    mailbox: Binary = ""
    wishes_read: Binary = ""


def reply_of(asked: ReplyIn) -> Reply:
    """The reply as the use cases take it. Raises RefusedError `reply`."""
    return Reply(
        sequence=asked.sequence,
        sealed=from_base64(asked.sealed, "reply"),
        signature=from_base64(asked.signature, "reply"),
        copy=asked.copy_for_team.encode(),
        mailbox=from_base64(asked.mailbox, "reply"),
        wishes_read=from_base64(asked.wishes_read, "reply"),
    )


class MuteIn(_Strict):
    """For how many hours a case takes no more words; 0 ends it."""

    hours: Annotated[int, Field(ge=0, le=24)]


class NoteIn(_Strict):
    """A note for colleagues: an envelope of direction `internal`."""

    sequence: Annotated[int, Field(ge=1, le=100_000)]
    sealed: Sealed


class ReplyOut(_Strict):
    """Whether it went out at once; otherwise it waits for the person's next message."""

    delivered: bool
    case: CaseOut


class EntryIn(_Strict):
    """A signed keyring entry; `expected` entries stand before it."""

    entry: Signed
    expected: Annotated[int, Field(ge=0, le=10_000)]


class RootOut(_Strict):
    """What the operator pins in fener.toml."""

    root: str
    pinned: bool


class StatementIn(_Strict):
    """A signed duty statement or certificate."""

    document: Signed


class KeysIn(_Strict):
    """Duty keys of one's own that were replaced."""

    kids: Annotated[tuple[Hex32, ...], Field(max_length=64)]


class KeysOut(_Strict):
    """Those of them that an open case is sealed to."""

    needed: tuple[Hex32, ...]


class PhraseOut(_Strict):
    """A quick phrase as it would be sent, and what it says in English."""

    english: str
    text: str
    language: str
    direction: Direction
    reviewed: bool


class PlaybookOut(_Strict):
    """A page of what colleagues have learned. `lapsed`: it was to be read again by now."""

    id: str
    title: str
    version: int
    needs: tuple[str, ...]
    queues: tuple[str, ...]
    urgencies: tuple[str, ...]
    do: tuple[str, ...]
    do_not: tuple[str, ...]
    words: tuple[str, ...]
    signs: tuple[str, ...]
    ask_a_colleague: tuple[str, ...]
    sources: tuple[str, ...]
    checked_on: date
    checked_by: str
    reviewed: bool
    lapsed: bool


def playbook_out(playbook: Playbook, today: date) -> PlaybookOut:
    """The page as the console gets it."""
    return PlaybookOut(
        id=playbook.id,
        title=playbook.title,
        version=playbook.version,
        needs=tuple(sorted(playbook.needs)),
        queues=tuple(sorted(playbook.queues)),
        urgencies=tuple(sorted(playbook.urgencies)),
        do=playbook.do,
        do_not=playbook.do_not,
        words=playbook.words,
        signs=playbook.signs,
        ask_a_colleague=playbook.ask_a_colleague,
        sources=playbook.sources,
        checked_on=playbook.checked_on,
        checked_by=playbook.checked_by,
        reviewed=playbook.state == "reviewed",
        lapsed=playbook.lapsed(today),
    )


class ChannelOut(_Strict):
    """A channel that is switched on. `longest`: UTF-16 units of one message; null where nothing limits it."""

    name: ChannelName
    longest: int | None


class RulesOut(_Strict):
    """What holds on this server for every case, and whether now lies in the organisation's duty hours.

    `organisations`: id -> name of all members of the network, for cases that name some by id.
    """

    demo: bool
    channels: tuple[ChannelOut, ...]
    live_minutes: int
    answer_days: int
    after_close_days: int
    at_most_days: int
    in_duty_hours: bool
    organisations: dict[str, str]
