"""What the use cases ask of the outside: Protocols of at most five methods, and Delivery.

One suite in tests/ports runs every Protocol against all its implementations. Every method may raise
StorageError; nothing is half done when it does. Times are whole hours since 1970 (`hour`) wherever they are
stored; `seconds` are lifetimes in memory.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.crypto.checkpoint import Span
from bot.crypto.members import Head
from bot.flow.library import Library
from bot.handoff.retention import Cutoffs
from bot.kernel.address import Address
from bot.kernel.audit import AuditEntry
from bot.kernel.ids import CaseId, CaseworkerId, EnvelopeId, NoteId, Pseudonym
from bot.kernel.messages import InboundMessage, OutboundMessage
from bot.kernel.rows import Cell, LedgerLine, ReplacedKey, StaffSession


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as an adapter hands it over. `also` holds other addresses of the same person.

    WhatsApp may name a person by number and by business-scoped id: the id is `address`, the number is in `also`.
    """

    address: Address
    message: InboundMessage
    also: tuple[Address, ...] = ()


class Clock(Protocol):
    """The only way to know the time."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        ...


class ContentSource(Protocol):
    """The content in force; a publish swaps it between two turns."""

    @property
    def library(self) -> Library:
        """One immutable release."""
        ...


class Channel(Protocol):
    """Sends to one messenger outside a request."""

    async def send(self, address: Address, message: OutboundMessage) -> tuple[int, ...]:
        """Send now; the channel's message ids where it can delete them later. Raises SendError."""
        ...

    async def delete(self, address: Address, message_ids: Sequence[int]) -> int:
        """Delete our messages on both sides where the channel can; how many went."""
        ...


# --- memory: nothing here reaches a disk -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """A sealed session and its version, from 1."""

    sealed: bytes
    version: int


class SessionStore(Protocol):
    """Sealed sessions under session pseudonyms."""

    async def load(self, who: Pseudonym) -> Stored | None:
        """The session, or None when there is none or it ran out."""
        ...

    async def save(self, who: Pseudonym, sealed: bytes, *, expected: int, seconds: int) -> bool:
        """Write version `expected + 1` when the stored version is `expected` (0: none); False otherwise."""
        ...

    async def forget(self, who: Pseudonym) -> None:
        """Destroy the session at once."""
        ...


class Replays(Protocol):
    """The sealed reply to each recent inbound message, so that a redelivery gets the same answer."""

    async def recall(self, digest: bytes) -> bytes | None:
        """The sealed reply to the message with this keyed digest."""
        ...

    async def keep(self, digest: bytes, sealed: bytes, *, seconds: int) -> None:
        """Remember a sealed reply."""
        ...

    async def forget(self, digests: Sequence[bytes]) -> None:
        """Destroy these at once."""
        ...


class TurnLocks(Protocol):
    """One turn at a time per person; others do not wait."""

    def hold(self, who: Pseudonym) -> AbstractAsyncContextManager[None]:
        """Enter when no other turn of `who` runs, in order of asking."""
        ...


class RateLimits(Protocol):
    """Counts in memory, under keyed digests."""

    async def allow(self, digest: bytes, *, limit: int, seconds: int) -> bool:
        """Whether this is at most the `limit`-th call within `seconds`."""
        ...


class RouteVault(Protocol):
    """Return routes, sealed in memory for a limited time, by case."""

    async def keep(self, case: CaseId, address: Address, *, seconds: int) -> None:
        """Seal the way back to the person; a later one replaces it."""
        ...

    async def find(self, case: CaseId) -> Address | None:
        """The way back while it is live."""
        ...

    async def forget(self, case: CaseId) -> None:
        """Destroy the route at once."""
        ...


# --- database: cases ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as stored. `pseudonym` is None once closed and nothing waits for the person. `mac` covers every other field (see crypto.mac).

    `sequence` is the number of inbound envelopes so far; `note_sequence` of replies.
    """

    id: CaseId
    organisation: str
    queue: str
    need: str
    urgency: str
    language: str
    status: str
    designation: str
    pseudonym: bytes | None
    epoch: int
    salt: bytes
    mailbox_public: bytes
    gate: bytes
    opened_hour: int
    touched_hour: int
    closed_hour: int | None = None
    claimed_by: CaseworkerId | None = None
    sequence: int = 1
    note_sequence: int = 0
    mac: bytes = b""


@dataclass(frozen=True, slots=True)
class EnvelopeRow:
    """One sealed message of a case. `direction` is `in` (person), `out` (copy of a reply) or `internal`."""

    id: EnvelopeId
    case: CaseId
    sequence: int
    direction: str
    sealed: bytes
    hour: int


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One reply waiting for the person: sealed to the mailbox key, signed by `signer` (key id)."""

    id: NoteId
    case: CaseId
    sequence: int
    sealed: bytes
    signer: str
    signature: bytes
    hour: int
    delivered_hour: int | None = None


class CaseQueue(Protocol):
    """The person's side of a case."""

    async def open(self, case: CaseRow, envelope: EnvelopeRow, seen: Sequence[bytes]) -> None:
        """Commit a new case with its first envelope and the digests of the messages that made it.

        Raises ConflictError when the designation is taken in this organisation or a pseudonym has an open case.
        """
        ...

    async def find(self, pseudonyms: Sequence[bytes]) -> Sequence[CaseRow]:
        """The open cases under these case pseudonyms, one at most under each; then closed ones whose last reply waits.

        Those spoken in last come first.
        """
        ...

    async def seen(self, digests: Sequence[bytes]) -> CaseRow | None:
        """The case, open or closed, that one of these message digests already went into."""
        ...

    async def append(
        self, case: CaseRow, envelope: EnvelopeRow, seen: Sequence[bytes], *, expected: CaseRow
    ) -> None:
        """Add the person's next message and write the row `case` (sequence counted up), in one commit.

        Raises ConflictError when the stored row differs from `expected` (a caseworker may have answered or closed
        meanwhile), or when one of the digests went in already.
        """
        ...

    async def any_open(self) -> bool:
        """Whether any case has a pseudonym at all: without one nobody needs a fingerprint."""
        ...


class CaseDesk(Protocol):
    """The caseworkers' side of a case; every call is scoped to one organisation."""

    async def waiting(self, organisation: str) -> Sequence[CaseRow]:
        """Open cases of the organisation, oldest first."""
        ...

    async def read(self, organisation: str, case: CaseId) -> tuple[CaseRow, Sequence[EnvelopeRow]] | None:
        """The case with all its envelopes in order, or None when it is not this organisation's."""
        ...

    async def write(self, case: CaseRow, *, expected: CaseRow) -> None:
        """Replace the row; raises ConflictError when the stored one differs from `expected`."""
        ...

    async def reply(
        self, case: CaseRow, note: NoteRow, copy: EnvelopeRow | None, *, expected: CaseRow
    ) -> None:
        """Put a note into the mailbox, the caseworkers' copy beside it, and write the row, in one commit."""
        ...

    async def erase(self, organisation: str, case: CaseId) -> None:
        """Delete the case with its envelopes, notes and digests; nothing when it is not this organisation's."""
        ...


@dataclass(frozen=True, slots=True)
class ReturnCodeRow:
    """A return code as stored: its keyed, memory-hard name and the way to the case, sealed. `mac` covers every other field."""

    case: CaseId
    name: bytes
    sealed: bytes
    epoch: int
    hour: int
    mac: bytes = b""


class ReturnCodes(Protocol):
    """Codes with which a case can be moved to another address, at most one a case.

    A code goes in the same commit that closes its case or gives it another salt, whoever writes the case (CaseQueue,
    CaseDesk), and with its case.
    """

    async def keep(self, code: ReturnCodeRow, *, expected: CaseRow) -> None:
        """Keep the case's only code; raises ConflictError when the stored case differs from `expected`."""
        ...

    async def find(self, names: Sequence[bytes], *, since: int) -> tuple[ReturnCodeRow, CaseRow] | None:
        """The code under any of these names that was made in this hour or later, with its open case."""
        ...

    async def forget(self, case: CaseId) -> None:
        """Destroy the case's code at once."""
        ...

    async def expire(self, *, before: int) -> int:
        """Delete codes made before this hour; how many went."""
        ...


class CaseNotes(Protocol):
    """What colleagues wrote beside a case; the case's row does not count it."""

    async def counts(self, organisation: str) -> Mapping[CaseId, int]:
        """How many notes each open case of the organisation has; those without any are left out."""
        ...


class SealedMessages(Protocol):
    """Every sealed message of an organisation, for destroying the wraps of somebody who leaves."""

    async def rewrite(self, organisation: str, change: Callable[[bytes], bytes]) -> int:
        """Replace each envelope by what `change` makes of it; how many became another one.

        Of those no copy stays, neither in the database's free space nor in its log. Within a recorded deed: with all
        of it, or not at all.
        """
        ...


class Mailboxes(Protocol):
    """Replies waiting until the person writes again."""

    async def waiting(self, case: CaseId) -> Sequence[NoteRow]:
        """Notes of the case in order, delivered ones that are not yet deleted included."""
        ...

    async def delivered(self, notes: Sequence[NoteId], hour: int) -> None:
        """Mark as shown to the person."""
        ...

    async def delete(self, notes: Sequence[NoteId]) -> None:
        """Delete at once."""
        ...


class Retention(Protocol):
    """What goes by itself. Each answers with how many rows went."""

    async def expire_notes(self, *, unread_before: int, delivered_before: int) -> int:
        """Delete notes older than these hours."""
        ...

    async def expire_cases(self, *, closed_before: int, opened_before: int) -> int:
        """Delete cases closed or opened before these hours, with all that hangs on them; how many cases went.

        A closed case whose reply still waits for its person loses its envelopes and stays until the note is gone.
        """
        ...

    async def expire_access(self, *, now: int) -> int:
        """Delete invitations, staff sessions and remembered weekly keys that ended by `now`, in seconds since 1970."""
        ...

    async def expire_audit(self, before: Mapping[str, int]) -> int:
        """Delete each organisation's audit lines before a position, never the newest: the next one needs its hash."""
        ...

    async def report(self) -> dict[str, int]:
        """How many rows each table holds, for `fener retention report`."""
        ...


class Overdue(Protocol):
    """What should be gone already."""

    async def overdue(self, due: Cutoffs) -> Mapping[str, int]:
        """How many notes, cases and return codes an hourly job would delete at this moment; tables without any are left out."""
        ...


class LooseEnds(Protocol):
    """Cases that are still tied to a person who cannot be found, or for whom nothing waits."""

    async def tied(self, *, oldest_epoch: int) -> Sequence[CaseRow]:
        """Cases with a pseudonym that are closed and have no note, or whose epoch is before this one."""
        ...


# --- database: people of an organisation -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Invite:
    """A one-time enrolment: SHA-256 of the token, organisation, role, end in whole seconds since 1970."""

    token_hash: bytes
    organisation: str
    role: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One enrolled caseworker. `identity_public` signs; `duty_certificate` is the signed weekly duty key (JSON)."""

    id: CaseworkerId
    organisation: str
    role: str
    alias: str
    identity_kid: str
    identity_public: bytes
    duty_certificate: bytes
    duty_statement: bytes = b""
    active: bool = True


class StaffRegister(Protocol):
    """Invitations and enrolled caseworkers."""

    async def invite(self, invite: Invite) -> None:
        """Keep an invitation."""
        ...

    async def redeem(self, token_hash: bytes, now: int, staff: StaffRow) -> Invite | None:
        """Use an invitation once and enrol `staff` with the invitation's organisation and role; None if it is not valid."""
        ...

    async def peek(self, token_hash: bytes, now: int) -> Invite | None:
        """The invitation, unused, while it is valid."""
        ...

    async def of(self, organisation: str) -> Sequence[StaffRow]:
        """Active caseworkers of the organisation."""
        ...

    async def write(self, staff: StaffRow) -> None:
        """Replace a row: new duty key, duty statement, inactive."""
        ...


class ReplacedKeys(Protocol):
    """Whose the earlier weekly keys were, told to who has the server's keys only."""

    async def keep(self, key: ReplacedKey) -> None:
        """Remember one; a digest that is there already stays as it is."""
        ...

    async def of(self, staff: CaseworkerId) -> frozenset[bytes]:
        """The digests of this caseworker's earlier keys."""
        ...

    async def leavers(self) -> Sequence[StaffRow]:
        """Those who left and of whom keys are still remembered."""
        ...

    async def shorten(self, staff: CaseworkerId, until_hour: int) -> None:
        """Remember this caseworker's keys no longer than this hour."""
        ...


class StaffSessions(Protocol):
    """Who is signed in to the console."""

    async def open(self, session: StaffSession) -> None:
        """Keep a session; raises ConflictError when the caseworker is unknown or the token is taken."""
        ...

    async def find(self, token_hash: bytes, now: int) -> StaffRow | None:
        """Whose session this is, while it lasts and the caseworker is active."""
        ...

    async def close(self, token_hash: bytes) -> None:
        """End it at once."""
        ...

    async def prolong(self, token_hash: bytes, expires_at: int) -> None:
        """Move its end."""
        ...

    async def close_all(self, staff: CaseworkerId) -> None:
        """End every session of this caseworker; what is kept of used challenges stays.

        A session's hash has 32 bytes, a used challenge's more.
        """
        ...


class Keyrings(Protocol):
    """The signed, hash-chained list of each organisation, as bytes; nothing here is trusted unverified."""

    async def entries(self, organisation: str) -> Sequence[bytes]:
        """All entries in order."""
        ...

    async def append(self, organisation: str, entry: bytes, *, expected: int) -> None:
        """Add one; raises ConflictError when there are not `expected` entries."""
        ...

    async def organisations(self) -> Sequence[str]:
        """Organisations that have a keyring."""
        ...


class DirectoryLedger(Protocol):
    """What happened to services since the files were released. Append-only; nothing here is trusted unverified."""

    async def lines(self, since: int = 0) -> Sequence[LedgerLine]:
        """The lines from position `since` on, in order."""
        ...

    async def append(self, line: LedgerLine) -> None:
        """Add the next line; raises ConflictError `ledger.changed` when its position is not the next one."""
        ...


Following = Callable[[Sequence[bytes]], AuditEntry | None]
"""The lines of an hour and the one before, the one just added among them -> the line to add after it, if any."""


class AuditTrail(Protocol):
    """One append-only hash chain per organisation, hourly times, no content."""

    def recording(self, entry: AuditEntry, hour: int) -> AbstractAsyncContextManager[None]:
        """What is written within is committed together with this line, or neither is; for what changes something."""
        ...

    async def append(self, entry: AuditEntry, hour: int, *, then: Following | None = None) -> None:
        """Add a line to the organisation's chain, and at once the one that `then` wants after it, if any.

        Both are committed together. No other line comes in between: of two processes one sees the other's.
        """
        ...

    async def since(self, organisation: str, hour: int) -> Sequence[bytes]:
        """The newest lines in order, back to the last one from before this hour."""
        ...

    async def chain(self, organisation: str) -> Sequence[bytes]:
        """The lines as canonical bytes, each holding the hash of the one before."""
        ...


class AuditHistory(Protocol):
    """How far the chains of an `AuditTrail` come, and whether they only grew."""

    async def spans(self, organisation: str | None = None) -> Mapping[str, Span]:
        """How far each organisation's chain comes, or this one's, by its first and its last line."""
        ...

    async def digest(self, organisation: str, position: int) -> str | None:
        """The hash of one line, recomputed, in hexadecimal; None when it is not there."""
        ...

    async def outlived(self, organisation: str, *, floor: int, before: int) -> Head | None:
        """Where the chain begins once its lines from before this hour are gone, and the hash that its first line holds.

        None: they do not follow one another, or those from position `floor` on are not all there. What a line itself
        says counts: an hour that stands beside it can be changed without breaking the chain.
        """
        ...


# --- database: counts ---------------------------------------------------------------------------------


class Counters(Protocol):
    """Counts of conversations in whole tens, without anybody in them."""

    async def add(self, tens: Mapping[Cell, int]) -> None:
        """Count these up, all or none. Raises ValueError for what is not at least ten and in whole tens."""
        ...

    async def of(self, kind: str) -> Mapping[Cell, int]:
        """Every count of a kind, in order of its cell."""
        ...

    async def expire(self, before: str) -> int:
        """Delete what is of weeks before this one; how many rows went."""
        ...


# --- database: the server's own keys ------------------------------------------------------------------


class EpochLedger(Protocol):
    """Which key of each epoch is in force, by a fingerprint: the one thing that machines with own keys folders share."""

    def deciding(self) -> AbstractAsyncContextManager[None]:
        """One maker at a time, in all processes of all machines; what is recorded within is committed together.

        Who dies within decided nothing, and the next one does not wait for them for ever.
        """
        ...

    async def recorded(self) -> Mapping[int, bytes]:
        """The fingerprint of each epoch's key."""
        ...

    async def record(self, number: int, fingerprint: bytes) -> None:
        """Put a key in force. Raises ConflictError when one is."""
        ...

    async def forget(self, number: int) -> None:
        """Forget which key an epoch has: it is over, or its key is lost."""
        ...
