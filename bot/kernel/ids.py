"""Names for ids, so that two kinds are never mixed up. All are random; none is ordered by time."""

from typing import NewType

Pseudonym = NewType("Pseudonym", str)
"""Session pseudonym: 32 hex digits under a memory-only key. Means nothing after a restart."""

CaseId = NewType("CaseId", str)
"""32 hex digits, random."""

EnvelopeId = NewType("EnvelopeId", str)
"""32 hex digits, random."""

NoteId = NewType("NoteId", str)
"""32 hex digits, random: one reply waiting in a mailbox."""

KeyId = NewType("KeyId", str)
"""32 hex digits: the first half of SHA-256 over a public key's raw bytes."""

CaseworkerId = NewType("CaseworkerId", str)
"""32 hex digits, random: one enrolled caseworker."""
