"""A server MAC over the fields of a database row: who writes the database cannot change a row unseen."""

import hmac
from collections.abc import Sequence

Field = str | int | bytes | None

MAC = 32  # bytes


def row_mac(key: bytes, fields: Sequence[Field]) -> bytes:
    """HMAC-SHA256 over the fields in order, 32 bytes. Begin with the table's name.

    Each field is written with its type and length: no two different lists have the same bytes.
    """
    return hmac.digest(key, b"".join(_encoded(field) for field in fields), "sha256")


def row_mac_ok(key: bytes, mac: object, fields: Sequence[Field]) -> bool:
    """Whether `mac` is the one of these fields, compared in constant time."""
    # A writer of the database can put any type into a column: what is no bytes is no MAC.
    return isinstance(mac, bytes) and hmac.compare_digest(mac, row_mac(key, fields))


def _encoded(field: Field) -> bytes:
    match field:
        case None:
            return b"n"
        case bytes():
            return b"b" + len(field).to_bytes(8, "big") + field
        case str():
            data = field.encode()
            return b"s" + len(data).to_bytes(8, "big") + data
        case int():
            data = str(int(field)).encode()
            return b"i" + len(data).to_bytes(8, "big") + data
