"""Counts by channel and outcome only; nothing that could be joined to a person."""

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics, generate_latest

Outcome = Literal["answered", "repeated", "failed", "refused", "limited"]


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        """Start at zero. When a cell was first counted is not told: it is an exact time of somebody's message."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the package types only part of itself
        self._registry = CollectorRegistry()
        self._turns = Counter(
            "fener_turns",
            "Inbound messages by what became of them",
            ["channel", "outcome"],
            registry=self._registry,
        )
        self._cells: dict[tuple[str, Outcome], Counter] = {}

    def count(self, channel: str, outcome: Outcome) -> None:
        """One inbound message of `channel` had this outcome."""
        cell = self._cells.get((channel, outcome))
        if cell is None:
            cell = self._cells[channel, outcome] = self._turns.labels(channel, outcome)
        cell.inc()

    def page(self) -> bytes:
        """Prometheus text format."""
        return generate_latest(self._registry)
