"""The server's MAC over a case row and a return code: someone who can write the database cannot move, swap or forge one."""

from dataclasses import replace

from bot.crypto.keys import ServerKeys
from bot.crypto.mac import Field, row_mac, row_mac_ok
from bot.ports import CaseRow, ReturnCodeRow


def signed(keys: ServerKeys, row: CaseRow) -> CaseRow:
    """The row with the MAC of its fields."""
    return replace(row, mac=row_mac(keys.row_key, _fields(row)))


def signed_with(key: bytes, row: CaseRow) -> CaseRow:
    """The row with the MAC of its fields under a key that is given."""
    return replace(row, mac=row_mac(key, _fields(row)))


def was_signed_with(key: bytes, row: CaseRow) -> bool:
    """Whether exactly this row was written with a key that is given."""
    return row_mac_ok(key, row.mac, _fields(row))


def is_ours(keys: ServerKeys, row: CaseRow) -> bool:
    """Whether this server wrote exactly this row."""
    return row_mac_ok(keys.row_key, row.mac, _fields(row))


def signed_code(keys: ServerKeys, row: ReturnCodeRow) -> ReturnCodeRow:
    """The return code with the MAC of its fields."""
    return replace(row, mac=row_mac(keys.row_key, _code_fields(row)))


def code_is_ours(keys: ServerKeys, row: ReturnCodeRow) -> bool:
    """Whether this server wrote exactly this return code."""
    return row_mac_ok(keys.row_key, row.mac, _code_fields(row))


def _code_fields(row: ReturnCodeRow) -> tuple[Field, ...]:
    return ("return_codes", row.case, row.name, row.sealed, row.epoch, row.hour)


def _fields(row: CaseRow) -> tuple[Field, ...]:
    return (
        "cases",
        row.id,
        row.organisation,
        row.queue,
        row.need,
        row.urgency,
        row.language,
        row.status,
        row.designation,
        row.pseudonym,
        row.epoch,
        row.salt,
        row.mailbox_public,
        row.gate,
        row.opened_hour,
        row.touched_hour,
        row.closed_hour,
        row.claimed_by,
        row.sequence,
        row.note_sequence,
    )
