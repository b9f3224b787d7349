"""Waiting replies, opened with the key that only the person's own address brings back and checked for who wrote them."""

from dataclasses import dataclass, field

from bot.crypto.epochs import EpochKey
from bot.crypto.mailbox import verify_note
from bot.handoff.summary import CaseMessage, read_body
from bot.kernel.errors import RefusedError
from bot.ports import CaseRow, Mailboxes, NoteRow
from bot.usecases.check_staffing import CheckStaffing


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A waiting note and its text, in memory for this turn only."""

    row: NoteRow
    text: str = field(repr=False)


class OpenNotes:
    """Opens what waits in a mailbox; a note that no keyring member of the organisation signed is never shown."""

    def __init__(self, *, mailboxes: Mailboxes, staffing: CheckStaffing) -> None:
        """Take the mailboxes and the verified teams."""
        self._mailboxes = mailboxes
        self._staffing = staffing

    async def __call__(self, row: CaseRow, key: EpochKey, fingerprint: bytes) -> list[OpenedNote]:
        """The verified notes of a case, in order."""
        waiting = await self._mailboxes.waiting(row.id)
        keyring = await self._staffing.keyring(row.organisation) if waiting else None
        if keyring is None:
            return []
        mailbox = key.mailbox(row.salt, fingerprint)
        opened = []
        for note in waiting:
            member = keyring.member(note.signer)
            if member is None:
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
                body = mailbox.open(
                    note.sealed, case=row.id, sequence=note.sequence, organisation=row.organisation
                )
                words = read_body(body)
            except RefusedError:
                continue
            if isinstance(words, CaseMessage):
                opened.append(OpenedNote(note, words.text))
        return opened
