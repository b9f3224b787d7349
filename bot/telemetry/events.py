"""The closed list of log events and the keys each may carry. What is not declared here is never written."""

from collections.abc import Mapping
from typing import Final

EVENTS: Final[Mapping[str, frozenset[str]]] = {
    "server.ready": frozenset({"version", "telegram", "whatsapp", "demo", "workers", "milliseconds"}),
    "server.stopped": frozenset(),
    "turn.failed": frozenset({"channel", "kind", "place"}),
    "request.failed": frozenset({"kind", "place"}),
    "send.failed": frozenset({"channel", "reason", "retryable"}),
    "poll.started": frozenset({"channel"}),
    "poll.waiting": frozenset({"channel", "reason", "seconds"}),
    "webhook.registered": frozenset({"channel"}),
    "retention.done": frozenset({"notes", "cases"}),
    "retention.failed": frozenset({"kind"}),
    "keys.rotated": frozenset({"epoch"}),
    "keys.behind": frozenset({"epoch"}),
    "audit.broken": frozenset(),
    "case.spoilt": frozenset(),
    "directory.broken": frozenset(),
    "directory.unflagged": frozenset({"reason"}),
    "keys.locked": frozenset(),
    "keys.unlocked": frozenset({"cases"}),
    "bell.failed": frozenset({"way", "reason"}),
    "library.spoke": frozenset({"library", "kind"}),
    "task.failed": frozenset({"kind", "place"}),
}
"""Event -> keys. `kind` is the name of an exception class, `place` a file and line of ours."""
