"""Epoch keys: every name and mailbox of a case hangs on the key of its thirty days, and goes with it.

The current and the previous key are accepted; older ones are destroyed, and what was named or sealed under them
cannot be found, opened or confirmed by anybody any more.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.crypto.derive import derive, keyed
from bot.crypto.mailbox import MailboxKey
from bot.crypto.suites import SealingKey

EPOCH = timedelta(days=30)
MADE_AHEAD = timedelta(days=7)
"""How long before its epoch a key is made."""

_DEDUPE = 16  # bytes


def epoch_number(now: datetime) -> int:
    """Which epoch a time lies in, counted from 1970."""
    return int(now.timestamp() // EPOCH.total_seconds())


def epoch_start(number: int) -> datetime:
    """When an epoch begins, in UTC."""
    return datetime.fromtimestamp(0, UTC) + number * EPOCH


def reachable_until(number: int) -> datetime:
    """When the key of this epoch is destroyed: until then a case named under it can be answered."""
    return epoch_start(number + 2)


@dataclass(frozen=True, slots=True)
class EpochKey:
    """One epoch's secret. Every purpose and organisation has a key of its own, derived from it."""

    number: int
    secret: bytes = field(repr=False)

    @property
    def reachable_until(self) -> datetime:
        """When this key is destroyed."""
        return reachable_until(self.number)

    def case_pseudonym(self, organisation: str, fingerprint: bytes) -> bytes:
        """The name of a person's open case in one organisation: 32 bytes. No two organisations' names can be joined."""
        return keyed(
            derive(self.secret, "case-pseudonym", organisation.encode()), "case-pseudonym", fingerprint
        )

    def complaint_pseudonym(self, organisation: str, queue: str, fingerprint: bytes) -> bytes:
        """The name of a person's open complaint in one queue of one organisation: 32 bytes.

        Nothing joins it with their ordinary case, there or elsewhere, nor with a complaint in another queue.
        """
        key = derive(self.secret, "complaint-pseudonym", organisation.encode(), queue.encode())
        return keyed(key, "complaint-pseudonym", fingerprint)

    def mailbox(self, case_salt: bytes, fingerprint: bytes) -> MailboxKey:
        """The private mailbox key of a person's case; `case_salt` is random and stored with the case."""
        return MailboxKey(
            SealingKey.from_secret(derive(self.secret, "mailbox/key", fingerprint, salt=case_salt))
        )

    def gate_key(self, case_salt: bytes, fingerprint: bytes) -> bytes:
        """The key that the case's mail gate is sealed under: 32 bytes."""
        return derive(self.secret, "gate/key", fingerprint, salt=case_salt)

    def dedupe(self, message_id: str) -> bytes:
        """16 bytes that stand for a provider's message id in the case row."""
        return keyed(derive(self.secret, "dedupe"), "dedupe", message_id.encode())[:_DEDUPE]


@dataclass(frozen=True, slots=True)
class Epochs:
    """The epoch keys that count now, newest first: the current one, then the previous one where there is one."""

    current: EpochKey
    accepted: tuple[EpochKey, ...]

    def get(self, number: int) -> EpochKey | None:
        """The key of this epoch while it is accepted."""
        return next((key for key in self.accepted if key.number == number), None)
