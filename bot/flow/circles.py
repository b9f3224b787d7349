"""Circles in a graph: the groups of nodes that lead to each other, and the nodes that lead to themselves."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


def circles(edges: Mapping[Node, Sequence[Node]]) -> Iterator[frozenset[Node]]:
    """Every circle once. Nodes that are only targets lead nowhere.

    Source: R. Tarjan, "Depth-first search and linear graph algorithms", 1972; with a stack in place of recursion.
    """
    search = _Search(edges)
    for root in edges:
        yield from search.circles_from(root)


class _Search(Generic[Node]):
    """Depth first. `low` is the earliest open node that a node leads back to."""

    def __init__(self, edges: Mapping[Node, Sequence[Node]]) -> None:
        self._edges = edges
        self._order: dict[Node, int] = {}
        self._low: dict[Node, int] = {}
        self._open: dict[Node, None] = {}

    def circles_from(self, root: Node) -> Iterator[frozenset[Node]]:
        if root in self._order:
            return
        work = [(root, self._enter(root))]
        while work:
            node, rest = work[-1]
            unseen = self._look(node, rest)
            if unseen is not None:
                work.append((unseen, self._enter(unseen)))
                continue
            work.pop()
            if work:
                above = work[-1][0]
                self._low[above] = min(self._low[above], self._low[node])
            if self._low[node] == self._order[node]:
                group = self._close(node)
                if len(group) > 1 or node in self._edges[node]:
                    yield group

    def _enter(self, node: Node) -> Iterator[Node]:
        self._order[node] = self._low[node] = len(self._order)
        self._open[node] = None
        return iter(self._edges[node])

    def _look(self, node: Node, rest: Iterator[Node]) -> Node | None:
        """The next node that was not seen, while noting ways back to open ones."""
        for other in rest:
            if other in self._edges and other not in self._order:
                return other
            if other in self._open:
                self._low[node] = min(self._low[node], self._order[other])
        return None

    def _close(self, first: Node) -> frozenset[Node]:
        group = set()
        while first not in group:
            group.add(self._open.popitem()[0])
        return frozenset(group)
