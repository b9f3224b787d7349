"""A locked copy of a case in a file of the caseworker's own: saved whole or not at all, opened without any server."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.cli.connection import DeskError, entries_of, fields_of, items_of, text_of
from bot.cli.opened_case import OpenedCase, open_saved
from bot.crypto.case_file import LARGEST, CaseFile, read_case_file, write_case_file
from bot.crypto.keyfile import CaseworkerKeys
from bot.crypto.members import Head
from bot.kernel.errors import RefusedError

_PRIVATE: Final = 0o600
HEAD: Final = "head"
"""The note of a key file that says how far the keyring had come, as the console writes it."""


@dataclass(frozen=True, slots=True)
class SavedCase:
    """A case from a file, opened here. `by` is the work name of who saved it."""

    opened: OpenedCase
    saved: datetime
    by: str


def known_head(notes: Mapping[str, str]) -> Head | None:
    """The newest entry that this caseworker saw: a keyring is never turned back."""
    version, _, digest = notes.get(HEAD, "").partition(":")
    return Head(int(version), digest) if version.isdecimal() and digest else None


def case_file(
    answer: Mapping[str, object], opened: OpenedCase, keys: CaseworkerKeys, *, now: datetime
) -> bytes:
    """The file of a case that the server handed out and that was verified and `opened` here. Raises DeskError."""
    team = fields_of(answer.get("team"))
    found = CaseFile(
        case=text_of(opened.case, "id"),
        organisation=opened.keyring.organisation,
        messages=sum(each.parsed.header.dir == "in" for each in opened.sealed),
        saved=now,
        envelopes=tuple(text_of(each, "sealed").encode() for each in items_of(answer.get("envelopes"))),
        entries=tuple(entries_of(team)),
        certificates=tuple(
            certificate.encode()
            for each in items_of(team.get("staff"))
            if (certificate := text_of(each, "duty_certificate"))
        ),
    )
    try:
        return write_case_file(found, opened.keyring, keys.identity)
    except RefusedError:
        raise DeskError("case.large", "This case is larger than one file can be.") from None


def save_case_file(file: Path, make: Callable[[], bytes]) -> None:
    """Write what `make` gives to a file that is not there yet, for its owner alone; no file stays when it gives nothing.

    The file is made first: nothing is asked of the server, and written to the audit, that cannot be kept.

    Raises:
        DeskError: `file.exists`, `file.unwritable`.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(file, flags, _PRIVATE)
    except FileExistsError:
        raise DeskError("file.exists", f"{file} is there already: give another name.") from None
    except OSError:
        raise DeskError("file.unwritable", f"{file} cannot be written: check its folder.") from None
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(make())
            out.flush()
            os.fsync(out.fileno())
    except BaseException as fault:
        with suppress(OSError):
            file.unlink()
        if isinstance(fault, OSError):
            raise DeskError("file.unwritable", f"{file} cannot be written: check its disk.") from None
        raise


def open_case_file(file: Path, keys: CaseworkerKeys) -> SavedCase:
    """The case in a file, verified from the pinned root on and opened with these keys; no server is asked.

    Raises:
        DeskError: `case.file` when it is no such file, or was changed; `keyring.unpinned`; as `open_answer`.
    """
    try:
        with file.open("rb") as source:
            blob = source.read(LARGEST + 1)
    except OSError:
        raise DeskError("case.file", f"{file} cannot be read.") from None
    root = keys.notes.get("root", "")
    if not root:
        raise DeskError("keyring.unpinned", "These keys know no pinned keyring yet: sign in once before.")
    try:
        found, keyring, by = read_case_file(
            blob, root, organisation=keys.notes.get("organisation", ""), seen=known_head(keys.notes)
        )
    except RefusedError as refused:
        raise DeskError(
            "case.file", f"{file} is no whole copy of a case of your organisation ({refused.code})."
        ) from None
    return SavedCase(open_saved(found, keys, keyring), found.saved, by)
