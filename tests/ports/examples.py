"""Rows that stand for no one: ids count up, bytes are made up."""

import itertools
from dataclasses import replace

from bot.kernel.ids import CaseId, CaseworkerId, EnvelopeId, NoteId
from bot.ports import CaseRow, EnvelopeRow, NoteRow, StaffRow

_numbers = itertools.count(1)

HOUR = 498_000


def an_id() -> str:
    return f"{next(_numbers):032x}"


def a_case(**changes: object) -> CaseRow:
    case = CaseRow(
        id=CaseId(an_id()),
        organisation="demo-lantern",
        queue="general",
        need="legal",
        urgency="soon",
        language="en",
        status="waiting",
        designation=f"amber heron {next(_numbers)}",
        pseudonym=b"pseudonym %d" % next(_numbers),
        epoch=7,
        salt=b"salt",
        mailbox_public=b"public",
        gate=b"",
        opened_hour=HOUR,
        touched_hour=HOUR,
        mac=b"mac",
    )
    return replace(case, **changes)  # type: ignore[arg-type]  # the test names the field it changes


def an_envelope(
    case: CaseRow, *, sequence: int = 1, direction: str = "in", sealed: bytes = b"sealed"
) -> EnvelopeRow:
    return EnvelopeRow(EnvelopeId(an_id()), case.id, sequence, direction, sealed, HOUR)


def a_note(case: CaseRow, *, sequence: int = 1, hour: int = HOUR, sealed: bytes = b"note") -> NoteRow:
    return NoteRow(NoteId(an_id()), case.id, sequence, sealed, "kid", b"signature", hour)


def a_caseworker(**changes: object) -> StaffRow:
    row = StaffRow(
        id=CaseworkerId(an_id()),
        organisation="demo-lantern",
        role="caseworker",
        alias="Demo Robin",
        identity_kid=an_id(),
        identity_public=b"identity",
        duty_certificate=b"{}",
    )
    return replace(row, **changes)  # type: ignore[arg-type]  # the test names the field it changes


def after_message(case: CaseRow, **changes: object) -> CaseRow:
    """The row as the person's next message leaves it."""
    changed = replace(case, sequence=case.sequence + 1, touched_hour=case.touched_hour + 1)
    return replace(changed, **changes)  # type: ignore[arg-type]  # the test names the field it changes


def after_reply(case: CaseRow) -> CaseRow:
    """The row as a caseworker's reply leaves it."""
    return replace(case, note_sequence=case.note_sequence + 1, status="answered")


def closed(case: CaseRow, hour: int = HOUR) -> CaseRow:
    return replace(case, status="closed", closed_hour=hour, pseudonym=None)
