"""A flow as it was written: the parsed tree with everything the checks want to look up, each with its place."""

from dataclasses import dataclass
from typing import Literal

from bot.flow.definition import Fact, Flow
from bot.kernel.problems import Mark

ReferenceKind = Literal[
    "flow", "fact", "need", "queue", "language", "population", "attribute", "place", "media", "organisation"
]

Stage = Literal[0, 1, 2, 3]
"""When within its step a slot is read: 0 say and fact, 1 set, 2 match and choices, 3 after the answer."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that must exist outside this flow. `key` is the key it was written under."""

    kind: ReferenceKind
    name: str
    mark: Mark
    step: str
    key: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One place where a step reads a slot."""

    slot: str
    mark: Mark
    step: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Draft:
    """One flow file: its flow, its own facts, what it refers to and what it reads."""

    flow: Flow
    facts: tuple[Fact, ...] = ()
    references: tuple[Reference, ...] = ()
    readings: tuple[Reading, ...] = ()
    slot_marks: tuple[tuple[str, Mark], ...] = ()
