"""What is due for a person's cases when they write again: read notes go, keys of an old epoch are renewed, closed cases end."""

from collections.abc import Sequence
from dataclasses import replace

from bot.ports import Mailboxes
from bot.usecases.close_case import CloseCase
from bot.usecases.extend_case import ExtendCase
from bot.usecases.found import Found
from bot.usecases.kept import Did
from bot.usecases.recognise_person import Known


class TidyCases:
    """Tidies each case of a person before their message is taken."""

    def __init__(self, *, mailboxes: Mailboxes, extend_case: ExtendCase, close_case: CloseCase) -> None:
        """Take where answers wait, what re-keys a case and what ends one."""
        self._mailboxes = mailboxes
        self._extend_case = extend_case
        self._close_case = close_case

    async def __call__(self, found: Found, shown: Sequence[str]) -> tuple[Found, tuple[Did, ...]]:
        """Every case as it is afterwards, and what was done. `shown` are ids of notes shown in an earlier turn."""
        cases: list[Known] = []
        did: list[Did] = []
        for known in found.cases:
            tidied, done = await self._tidied(known, shown)
            cases += [tidied] if tidied is not None else []
            did += done
        return found._replace(cases=tuple(cases)), tuple(did)

    async def _tidied(self, known: Known, shown: Sequence[str]) -> tuple[Known | None, tuple[Did, ...]]:
        """Delete notes that were shown in an earlier turn; renew keys of an old epoch.

        A note that is marked as shown in the database alone may never have arrived (that turn failed, or we fell over
        after it): it is offered again.
        """
        did: tuple[Did, ...] = ()
        if read := [note.id for note in known.notes if note.id in shown]:
            await self._mailboxes.delete(read)
            did = (Did.NOTES_DELETED,)
        if known.mail is not None:
            fresh = [
                pair for pair in zip(known.notes, known.mail.notes, strict=True) if pair[0].id not in shown
            ]
            texts = tuple(text for _, text in fresh)
            waits = fresh or known.unproven or known.mail.offers or known.mail.news
            mail = replace(known.mail, notes=texts, already_shown=False) if waits else None
            known = replace(known, notes=tuple(note for note, _ in fresh), mail=mail)
        if known.row.closed_hour is not None:
            row = await self._close_case.cut_loose(known.row) if known.mail is None else known.row
            if row.pseudonym is None:
                return None, (*did, Did.CASE_CUT_LOOSE)
            return replace(known, row=row), did
        renewed = await self._extend_case.renew(known)
        return renewed, did if renewed.row == known.row else (*did, Did.CASE_RENEWED)
