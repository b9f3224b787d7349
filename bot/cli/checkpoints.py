"""The newest checkpoint of the audit that this machine saw, kept beside the keys, and compared at every sign-in.

A server's database can be cut back or made anew by who writes it; an organisation's machines remember. A fault is
told and stays told: the older checkpoint is never replaced by one that does not continue it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.crypto.checkpoint import Checkpoint, Fault, read_checkpoint
from bot.crypto.documents import read_document
from bot.kernel.errors import RefusedError

_LARGEST: Final = 16 * 1024  # bytes
_YEAR: Final = 365 * 24  # hours that lines are kept


class KeptCheckpoint:
    """The file `<keys>.checkpoint`, which `fener audit verify --checkpoint` reads too."""

    def __init__(self, keys: Path) -> None:
        """Take the file of the locked keys."""
        self._file = keys.with_name(f"{keys.name}.checkpoint")
        self._blob = _read(self._file)

    @property
    def lines(self) -> int:
        """How many lines the audit had when this machine last looked, to ask with; 0 when it never did. Not verified."""
        try:
            return read_document(self._blob, "checkpoint").fields.integer("lines")
        except RefusedError:
            return 0

    def compare(self, told: Mapping[str, object], server_public: bytes, organisation: str) -> str:
        """What is wrong with the audit, in one sentence, or nothing; what the server `told` is kept when all is well."""
        kept = _checkpoint(self._blob, server_public, organisation)
        blob = str(told.get("checkpoint", "")).encode()
        now = _checkpoint(blob, server_public, organisation)
        then = _checkpoint(str(told.get("checkpoint_then", "")).encode(), server_public, organisation)
        if now is None or then is None:
            return "The server no longer stands by the audit of your organisation: tell your lead and the operator."
        fault = _fault(kept, now, then)
        if fault is not None:
            return (
                f"The audit of your organisation is not what it was when this machine last looked: {fault}. "
                f"Tell your lead and the operator, and keep {self._file}."
            )
        if kept is None or now.head.version > kept.head.version:
            self._write(blob)
        return ""

    def _write(self, blob: bytes) -> None:
        fresh = self._file.with_name(f"{self._file.name}.new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(blob + b"\n")
        fresh.replace(self._file)
        self._blob = blob


def _fault(kept: Checkpoint | None, now: Checkpoint, then: Checkpoint) -> Fault | None:
    if kept is None or kept.head.version == 0:
        return None
    if now.head.version < kept.head.version:
        return Fault.CUT
    if then.head == kept.head:
        return None
    gone_with_time = then.head.version == 0 and now.hour - kept.hour >= _YEAR
    return None if gone_with_time else Fault.REWRITTEN


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_LARGEST).strip()
    except OSError:
        return b""


def _checkpoint(blob: bytes, server_public: bytes, organisation: str) -> Checkpoint | None:
    try:
        return read_checkpoint(blob, server_public, organisation=organisation)
    except RefusedError:
        return None
