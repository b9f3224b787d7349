"""Counts by channel and outcome only; nothing that could be joined to a person."""

from collections.abc import Iterator
from typing import Literal

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

Outcome = Literal["answered", "repeated", "failed", "refused", "limited"]


class Metrics(Collector):
    """The counters of one process. When a cell was first counted is not told: it is an exact time of somebody's message."""

    def __init__(self) -> None:
        """Start at zero."""
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._cells: dict[tuple[str, Outcome], int] = {}

    def count(self, channel: str, outcome: Outcome) -> None:
        """One inbound message of `channel` had this outcome."""
        cell = (channel, outcome)
        self._cells[cell] = self._cells.get(cell, 0) + 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        """What Prometheus's own library asks for."""
        turns = CounterMetricFamily(
            "fener_turns", "Inbound messages by what became of them", labels=["channel", "outcome"]
        )
        for cell, count in self._cells.items():
            turns.add_metric(cell, count)
        yield turns

    def page(self) -> bytes:
        """Prometheus text format."""
        return generate_latest(self._registry)
