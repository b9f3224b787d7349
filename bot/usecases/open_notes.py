"""Waiting replies, opened with the key that only the person's own address brings back and checked for who wrote them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.crypto.epochs import EpochKey
from bot.crypto.mailbox import MailboxKey, verify_note
from bot.crypto.suites import SealingKey
from bot.handoff.referral import ReferralOffer
from bot.handoff.summary import CaseMessage, read_body
from bot.kernel.errors import RefusedError
from bot.ports import CaseRow, Mailboxes, NoteRow
from bot.usecases.check_staffing import CheckStaffing


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A waiting note and its text, in memory for this turn only.

    `declined`: it has no text, and tells that the organisation cannot take the case; `excluded` are those not wanted for it.
    """

    row: NoteRow
    text: str = field(repr=False)
    declined: bool = False
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenedQuestion:
    """A waiting question whether a second organisation may be asked, in memory for this turn only."""

    row: NoteRow
    offer: ReferralOffer = field(repr=False)


class Waiting(NamedTuple):
    """What waits: notes that verify, in order, the rows of those that nobody can vouch for now, and questions."""

    opened: tuple[OpenedNote, ...]
    unproven: tuple[NoteRow, ...]
    questions: tuple[OpenedQuestion, ...] = ()


class OpenNotes:
    """Opens what waits in a mailbox; a note that no keyring member of the organisation signed is never shown.

    That there is one is not hidden from the person: they may wait for it.
    """

    def __init__(self, *, mailboxes: Mailboxes, staffing: CheckStaffing) -> None:
        """Take the mailboxes and the verified teams."""
        self._mailboxes = mailboxes
        self._staffing = staffing

    async def __call__(
        self, row: CaseRow, key: EpochKey, fingerprint: bytes, earlier: Sequence[bytes] = ()
    ) -> Waiting:
        """The notes of a case. `earlier` are secrets of mailboxes that it had before it moved."""
        waiting = await self._mailboxes.waiting(row.id)
        keyring = await self._staffing.keyring(row.organisation) if waiting else None
        if keyring is None:
            return Waiting((), tuple(waiting))
        mailboxes = [key.mailbox(row.salt, fingerprint)]
        mailboxes += [MailboxKey(SealingKey.from_secret(secret)) for secret in earlier]
        opened = []
        unproven = []
        questions = []
        for note in waiting:
            member = keyring.member(note.signer)
            if member is None:
                unproven.append(note)
                continue
            try:
                verify_note(
                    member.identity_public,
                    note.signature,
                    note.sealed,
                    case=row.id,
                    sequence=note.sequence,
                    organisation=row.organisation,
                )
                words = read_body(_opened(mailboxes, note, row))
            except RefusedError:
                unproven.append(note)
                continue
            if isinstance(words, CaseMessage) and words.offer is not None:
                questions.append(OpenedQuestion(note, words.offer))
            elif isinstance(words, CaseMessage):
                declined = words.kind == "declined"
                text = "" if declined else words.text
                opened.append(OpenedNote(note, text, declined=declined, excluded=words.excluded))
        return Waiting(tuple(opened), tuple(unproven), tuple(questions))


def _opened(mailboxes: Sequence[MailboxKey], note: NoteRow, row: CaseRow) -> bytes:
    """What the first of these mailboxes that can opens; raises RefusedError when none can."""
    place = {"case": row.id, "organisation": row.organisation}
    for mailbox in mailboxes[:-1]:
        with suppress(RefusedError):
            return mailbox.open(note.sealed, sequence=note.sequence, **place)
    return mailboxes[-1].open(note.sealed, sequence=note.sequence, **place)
