"""The closed list of log events and the keys each may carry. What is not declared here is never written."""

from collections.abc import Mapping
from typing import Final

EVENTS: Final[Mapping[str, frozenset[str]]] = {
    "server.starting": frozenset({"version"}),
    "server.ready": frozenset({"version", "telegram", "whatsapp", "demo", "workers", "milliseconds"}),
    "server.stopped": frozenset(),
    "server.refused": frozenset({"code"}),
    "content.loaded": frozenset({"flows", "services", "release", "milliseconds"}),
    "turn.failed": frozenset({"channel", "kind", "place"}),
    "turn.limited": frozenset({"channel"}),
    "request.refused": frozenset({"channel", "reason"}),
    "request.failed": frozenset({"kind", "place"}),
    "send.failed": frozenset({"channel", "reason", "retryable"}),
    "send.retried": frozenset({"channel", "reason", "tries"}),
    "poll.started": frozenset({"channel"}),
    "poll.waiting": frozenset({"channel", "reason", "seconds"}),
    "poll.skipped": frozenset({"channel", "reason"}),
    "webhook.registered": frozenset({"channel"}),
    "retention.done": frozenset({"notes", "cases"}),
    "retention.failed": frozenset({"kind"}),
    "keys.rotated": frozenset({"epoch"}),
    "keys.locked": frozenset(),
    "library.spoke": frozenset({"library", "kind"}),
    "task.failed": frozenset({"kind", "place"}),
}
"""Event -> keys. `kind` is the name of an exception class, `place` a file and line of ours."""
