"""Rows that the core reads and makes itself, before anything is stored."""

from dataclasses import dataclass
from typing import NamedTuple

from bot.kernel.ids import CaseId, CaseworkerId


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the directory's ledger: canonical bytes that hold the hash of the line before, and the server's MAC."""

    position: int
    line: bytes
    mac: bytes


@dataclass(frozen=True, slots=True)
class ReplacedKey:
    """A weekly key that somebody sealed to no more, as a keyed digest, and the hour when nothing sealed to it is left."""

    digest: bytes
    staff: CaseworkerId
    until_hour: int


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A caseworker's open console: SHA-256 of the session token, who, end in whole seconds since 1970."""

    token_hash: bytes
    staff: CaseworkerId
    expires_at: int


@dataclass(frozen=True, slots=True)
class Way:
    """How one caseworker is rung: the kind, and the staff address sealed under a key of the server."""

    id: str
    staff: CaseworkerId
    kind: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One side of a referral as stored: which case it belongs to, and its state, sealed and authenticated."""

    id: str
    case: CaseId
    sealed: bytes


class Cell(NamedTuple):
    """What is counted together: its kind, one word of the content, a coarse detail, and the calendar week (2026-W48)."""

    kind: str
    subject: str
    detail: str
    week: str
