"""A flow as the engine walks it: frozen, checked, every name resolved. `parse` makes it from marked YAML."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from bot.kernel.problems import Mark

SlotType = Literal[
    "text",
    "sealed text",
    "choice",
    "yes no",
    "number",
    "age group",
    "date",
    "place",
    "language",
    "need",
    "phone",
]

Urgency = Literal["now", "soon", "normal"]

Entry = Literal["start", "menu", "sos", "person", "erase", "language", "crisis", "one minute", "verify"]

FactState = Literal["draft", "unreviewed", "sourced", "reviewed"]

Value = str | int | bool
"""What a slot can hold. A date is ISO text; a place, language, need or choice is its id."""

END = "end"
"""The target that ends a flow."""


@dataclass(frozen=True, slots=True)
class Text:
    """One English source text and where its translations are found.

    `context` is the msgctxt: `housing/ask_urgency/say`, `housing/ask_urgency/choices.tonight`, `fact/rs_72_hours`.
    `placeholders` are the names in braces, in order.
    """

    context: str
    source: str
    mark: Mark
    placeholders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled condition or value. `names` are the slots it reads; `source` is what the admin wrote.

    `compared` are the slots and the texts or numbers they are compared with.
    `evaluate` takes a lookup from name to value or None and never raises; a comparison with an empty slot is false.
    """

    source: str
    mark: Mark
    names: tuple[str, ...]
    evaluate: Callable[[Callable[[str], Value | None]], Value | None]
    compared: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """Where to go next. `condition` None is the default branch. `target` is a step name or END."""

    target: str
    mark: Mark
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to tap. `go` None means the step's `next`. `words` include `also accept`."""

    name: str
    label: Text
    mark: Mark
    go: str | None = None
    words: tuple[str, ...] = ()
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class MatchSpec:
    """What a `match` step looks for. `near` is a slot name or a place id; `text` a slot name.

    `without` are organisations and kinds of them that the person does not want, or slots that hold one.
    """

    need: str
    mark: Mark
    near: str | None = None
    populations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    text: str | None = None
    safety: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    show: int = 3
    if_none: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A step that asks which of the services shown in this conversation something was wrong with.

    `if_none`: where to go when none was shown, when it was none of them, and when no report is taken now.
    """

    mark: Mark
    if_none: str


@dataclass(frozen=True, slots=True)
class Avoid:
    """A step that asks which organisation a complaint must not go to. `if_none`: where to go when there is none to name."""

    mark: Mark
    if_none: str


@dataclass(frozen=True, slots=True)
class Handoff:
    """Where a `handoff` step passes the person on to, and what leaves with them."""

    queue: str
    mark: Mark
    share: tuple[str, ...] = ()
    urgency: Urgency = "normal"
    if_declined: str | None = None
    if_closed: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One place in a flow. What it has is done in the order of docs/reference/flow-language.md."""

    name: str
    mark: Mark
    say: tuple[Text, ...] = ()
    facts: tuple[str, ...] = ()
    show: str | None = None
    show_text: Text | None = None
    sets: tuple[tuple[str, Expression], ...] = ()
    match: MatchSpec | None = None
    report: Report | None = None
    avoid: Avoid | None = None
    tells_words: bool = False
    ask: str | None = None
    choices: tuple[Choice, ...] = ()
    try_again: tuple[Text, ...] = ()
    tries: int = 2
    give_up: str | None = None
    call: str | None = None
    go: str | None = None
    end: str | None = None
    handoff: Handoff | None = None
    next: tuple[Branch, ...] = ()
    remind_after: timedelta | None = None
    forget_after: timedelta | None = None
    safety_critical: bool = False
    moved_from: tuple[str, ...] = ()
    note: str = ""

    @property
    def waits(self) -> bool:
        """Whether the step stops for an answer of the person."""
        return self.ask is not None or bool(self.choices)


@dataclass(frozen=True, slots=True)
class Fact:
    """A checked statement. Served only when `state` is sourced or reviewed and today is not past `expires_on`."""

    id: str
    text: Text
    mark: Mark
    source: str
    checked_on: date
    checked_by: str
    expires_on: date
    state: FactState


@dataclass(frozen=True, slots=True)
class Flow:
    """One tree. `remember` are its own slots, `uses` the shared ones it may read and fill."""

    id: str
    title: str
    start: str
    mark: Mark
    steps: Mapping[str, Step]
    entry: tuple[Entry, ...] = ()
    remember: Mapping[str, SlotType] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    sensitive: bool = False
    high_stakes: bool = False
    safety_critical: bool = False
    approval: str = ""
