"""What colleagues have learned about a kind of case, beside the case: what to do, what not, words, when to ask somebody.

Admins write playbooks in flows/playbooks/, one YAML file each. They are for caseworkers only; nothing of them is ever
sent to a person by itself, and signs to listen for are questions to oneself, never a label.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

PlaybookState = Literal["unreviewed", "reviewed"]


@dataclass(frozen=True, slots=True)
class Playbook:
    """One page. It belongs to every case when it names no need, queue or urgency; else to those that fit one of them."""

    id: str
    title: str
    version: int
    do: tuple[str, ...]
    do_not: tuple[str, ...]
    words: tuple[str, ...]
    signs: tuple[str, ...]
    ask_a_colleague: tuple[str, ...]
    sources: tuple[str, ...]
    checked_on: date
    checked_by: str
    expires_on: date
    state: PlaybookState
    needs: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    urgencies: frozenset[str] = frozenset()

    def lapsed(self, today: date) -> bool:
        """Whether it should have been read again by now: it is shown all the same, and says so."""
        return today >= self.expires_on
