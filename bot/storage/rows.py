"""Between rows of the database and the dataclasses of bot.ports; columns are named like fields."""

from dataclasses import fields
from operator import attrgetter

from sqlalchemy import ColumnElement, RowMapping, Table, and_

from bot.kernel.rows import ReferralRow, ReplacedKey, StaffSession
from bot.ports import (
    CaseRow,
    EnvelopeRow,
    Invite,
    NoteRow,
    ReturnCodeRow,
    StaffRow,
)

Row = (
    CaseRow
    | EnvelopeRow
    | NoteRow
    | ReturnCodeRow
    | ReferralRow
    | Invite
    | StaffRow
    | StaffSession
    | ReplacedKey
)
Value = str | int | bytes | bool | None


def values(row: Row) -> dict[str, Value]:
    """The row's fields by column name."""
    return {field.name: attrgetter(field.name)(row) for field in fields(row)}


def is_still(table: Table, row: Row) -> ColumnElement[bool]:
    """The condition that the stored row equals this one in every field, empty ones included."""
    return and_(*(table.c[name].is_not_distinct_from(value) for name, value in values(row).items()))


def case_of(found: RowMapping) -> CaseRow:
    """The case in a row that holds the columns of `cases`."""
    return CaseRow(**found)


def envelope_of(found: RowMapping) -> EnvelopeRow:
    """The envelope in a row; its position in the case is left out."""
    return EnvelopeRow(**{name: value for name, value in found.items() if name != "position"})


def note_of(found: RowMapping) -> NoteRow:
    """The note in a row of `notes`."""
    return NoteRow(**found)


def return_code_of(found: RowMapping) -> ReturnCodeRow:
    """The return code in a row that holds the columns of `return_codes`."""
    return ReturnCodeRow(**found)


def referral_of(found: RowMapping) -> ReferralRow:
    """The side of a referral in a row of `referrals`."""
    return ReferralRow(**found)


def staff_of(found: RowMapping) -> StaffRow:
    """The caseworker in a row that holds the columns of `staff`."""
    return StaffRow(**found)


def invite_of(found: RowMapping) -> Invite:
    """The invitation in a row of `invites`."""
    return Invite(**found)
