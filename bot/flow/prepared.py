"""What the engine works out once per release and language, so that a turn only looks things up.

Texts, numbered choices and their folded forms, the structure of each step, which answers leave in a handoff.
One `Ready` belongs to one `Library`; `ready(library)` makes it at the first turn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from bot.flow.commands import Commands
from bot.flow.definition import Choice, Entry, Flow, SlotType, Step, Text
from bot.flow.library import Library
from bot.i18n.languages import ENGLISH
from bot.kernel.messages import Direction, Option
from bot.nlu.choices import Choosable
from bot.nlu.normalise import fold

SEALED: Final[frozenset[SlotType]] = frozenset({"sealed text", "phone"})
"""What only a handoff may carry."""

SKIP: Final = "skip"
"""The choice of this name says nothing: of all kinds of answers only `choice` keeps it, for conditions, and none is sent."""

DIGITS_ANSWER: Final[frozenset[SlotType]] = frozenset({"number", "date", "age group", "phone"})
"""Where a bare digit is the answer and the commands are their words."""

FREE: Final[frozenset[SlotType]] = frozenset({"text", "sealed text"})
"""Where anything typed is the answer."""

AGE_GROUPS: Final[Mapping[str, str]] = {"under 18": "engine/age.child", "18 or older": "engine/age.adult"}
"""What an age group can be, and the sentence for it: offered to tap, so that nobody has to give an age."""

PAGE: Final = 8
"""Options on one page; of a longer list seven and "more"."""

_RELEASE: Final = 16


@dataclass(frozen=True, slots=True)
class Line:
    """One text as it is served. `open` says that it has placeholders."""

    text: str
    open: bool


@dataclass(frozen=True, slots=True)
class Voice:
    """A step in one language. `foreign`: a text that safety depends on is served in English instead."""

    say: tuple[Line, ...]
    try_again: tuple[Line, ...]
    show: Line | None
    labels: Mapping[str, str]
    choosables: tuple[Choosable, ...]
    by_text: Mapping[str, str]
    foreign: bool


@dataclass(slots=True)
class PreparedStep:
    """One step with what the engine wants to know of it. `slot` is the type of what it asks.

    `simple`: its options are always the same and fit on one page.
    """

    flow: Flow
    step: Step
    key: str
    again_key: str
    slot: SlotType | None
    by_name: Mapping[str, int]
    simple: bool
    digits: bool
    waits: bool
    shape: int
    voices: dict[str, Voice] = field(default_factory=dict)


@dataclass(slots=True)
class PreparedFlow:
    """One flow: its steps, the slots that never leave the handoff they are for, and those that do leave."""

    flow: Flow
    steps: dict[str, PreparedStep]
    types: Mapping[str, SlotType]
    sealed: frozenset[str]
    handed: frozenset[str]
    labels: Mapping[str, Mapping[str, Text]]
    permission: bool


@dataclass(slots=True)
class Ready:
    """A library made ready for turns."""

    library: Library
    release: str
    flows: dict[str, PreparedFlow]
    commands: Commands
    moved: Mapping[str, tuple[str, str]]
    shared_labels: Mapping[str, Mapping[str, Text]]
    sentences: dict[tuple[str, str], str] = field(default_factory=dict)
    foreign: dict[tuple[str, str], bool] = field(default_factory=dict)
    footers: dict[str, tuple[Option, ...]] = field(default_factory=dict)
    directions: dict[str, Direction] = field(default_factory=dict)

    def entry(self, name: Entry) -> PreparedFlow | None:
        """The flow that a command or a new session leads to."""
        return self.flows.get(self.library.entries.get(name, ""))

    def sentence(self, key: str, language: str) -> str:
        """An engine sentence without values."""
        try:
            return self.sentences[key, language]
        except KeyError:
            text = self.sentences[key, language] = self.library.catalogue.ui(key, language)
            return text

    def has_sentence(self, key: str) -> bool:
        """Whether there is an engine sentence of this name."""
        return not self.library.catalogue.missing((key,))

    def is_foreign(self, key: str, language: str) -> bool:
        """Whether people decide by this sentence and it is served in English instead of their language."""
        if language == ENGLISH:
            return False
        found = self.foreign.get((key, language))
        if found is None:
            found = self.foreign[key, language] = self.library.catalogue.in_english(key, language)
        return found

    def direction(self, language: str) -> Direction:
        """Reading direction of a language."""
        found = self.directions.get(language)
        if found is None:
            found = self.directions[language] = self.library.catalogue.languages.direction(language)
        return found

    def footer(self, language: str) -> tuple[Option, ...]:
        """The options under every message: 9 a person, 0 leave. They work from an old message too."""
        found = self.footers.get(language)
        if found is None:
            found = self.footers[language] = (
                Option(9, self.sentence("engine/footer.person", language), "-.9"),
                Option(0, self.sentence("engine/footer.leave", language), "-.0"),
            )
        return found

    def voice(self, step: PreparedStep, language: str) -> Voice:
        """The step in one language."""
        found = step.voices.get(language)
        if found is None:
            found = step.voices[language] = self._speak(step, language)
        return found

    def _speak(self, prepared: PreparedStep, language: str) -> Voice:
        step = prepared.step
        careful = step.safety_critical or prepared.flow.safety_critical
        foreign = False

        def serve(text: Text) -> Line:
            nonlocal foreign
            served = self.library.catalogue.flow_text(
                text.context, text.source, language, safety_critical=careful
            )
            foreign = foreign or (careful and language != ENGLISH and served.language == ENGLISH)
            return Line(served.text.rstrip("\n"), open="{" in served.text)

        say = tuple(map(serve, step.say))
        labels = {choice.name: serve(choice.label).text for choice in step.choices}
        names = [choice.name for choice in step.choices]
        words = {choice.name: self._typed(choice, labels, language) for choice in step.choices}
        names = self._add_own_choices(prepared.slot, language, names, labels, words)
        choosables = tuple(
            Choosable.of(name, number, labels[name], words.get(name, ()))
            for number, name in enumerate(names, 1)
        )
        by_text: dict[str, str] = {}
        clashing: set[str] = set()
        for choosable in choosables:
            for form in choosable.folded:
                if by_text.setdefault(form, choosable.name) != choosable.name:
                    clashing.add(form)
        return Voice(
            say=say,
            try_again=tuple(map(serve, step.try_again)),
            show=serve(step.show_text) if step.show_text else None,
            labels=labels,
            choosables=choosables,
            by_text={form: name for form, name in by_text.items() if form not in clashing},
            foreign=foreign,
        )

    def _typed(self, choice: Choice, labels: Mapping[str, str], language: str) -> tuple[str, ...]:
        """The other words of a choice: those of the file, and its label in English and in a draft.

        A word that stands on another choice means that one.
        """
        if language == ENGLISH:
            return choice.words
        heard = self.library.catalogue.heard(choice.label.context, choice.label.source, language)
        others = {fold(label) for name, label in labels.items() if name != choice.name}
        return (*choice.words, *(word for word in heard if fold(word) not in others))

    def _add_own_choices(
        self,
        slot: SlotType | None,
        language: str,
        names: list[str],
        labels: dict[str, str],
        words: dict[str, tuple[str, ...]],
    ) -> list[str]:
        """The choices the engine gives by itself: yes and no, age groups, all languages; then those of the file."""
        if slot == "yes no" and not names:
            for name in ("yes", "no"):
                labels[name] = self.sentence(f"engine/{name}", language)
                words[name] = _listed(self.sentence(f"engine/{name}.words", language))
            return ["yes", "no"]
        if slot == "age group":
            labels |= {name: self.sentence(key, language) for name, key in AGE_GROUPS.items()}
            return [*AGE_GROUPS, *names]
        if slot == "language":
            spoken = self.library.catalogue.offered
            labels |= {one.code: one.name for one in spoken}
            words |= {one.code: (one.code,) for one in spoken}
            return list(dict.fromkeys([*(one.code for one in spoken), *names]))
        return names


def ready(library: Library) -> Ready:
    """The library made ready; made once, kept with it."""
    for found in library.prepared:
        if isinstance(found, Ready):
            return found
    made = _prepare(library)
    library.prepared.append(made)
    return made


def _prepare(library: Library) -> Ready:
    shared_labels: dict[str, dict[str, Text]] = {}
    flows: dict[str, PreparedFlow] = {}
    open_shared = {name for name, kind in library.shared.items() if kind not in SEALED}
    shared_handed = open_shared & {slot for each in library.flows.values() for slot in _handed(each)}
    moved: dict[str, tuple[str, str]] = {}
    for flow in library.flows.values():
        types = {
            **{name: library.shared[name] for name in flow.uses if name in library.shared},
            **flow.remember,
        }
        steps = {name: _prepare_step(flow, step, types) for name, step in flow.steps.items()}
        labels: dict[str, dict[str, Text]] = {}
        for step in flow.steps.values():
            for former in step.moved_from:
                moved[former if "/" in former else f"{flow.id}/{former}"] = (flow.id, step.name)
            if step.ask is not None:
                into = labels if step.ask in flow.remember else shared_labels
                into.setdefault(step.ask, {}).update({choice.name: choice.label for choice in step.choices})
        flows[flow.id] = PreparedFlow(
            flow=flow,
            steps=steps,
            types=types,
            sealed=frozenset(name for name, kind in types.items() if kind in SEALED),
            handed=_handed(flow) | (shared_handed & types.keys()),
            labels=labels,
            permission=flow.sensitive,
        )
    return Ready(
        library=library,
        release=library.version[:_RELEASE],
        flows=flows,
        commands=Commands.of(library.commands),
        moved=moved,
        shared_labels=shared_labels,
    )


def _handed(flow: Flow) -> frozenset[str]:
    """Slots that leave with a handoff of this flow."""
    return frozenset(slot for step in flow.steps.values() if step.handoff for slot in step.handoff.share)


def _prepare_step(flow: Flow, step: Step, types: Mapping[str, SlotType]) -> PreparedStep:
    slot = types.get(step.ask) if step.ask is not None else None
    listed = len(step.choices) + (len(AGE_GROUPS) if slot == "age group" else 0)
    return PreparedStep(
        flow=flow,
        step=step,
        key=f"{flow.id}/{step.name}",
        again_key=f"{flow.id}/{step.name}.try_again",
        slot=slot,
        by_name={choice.name: index for index, choice in enumerate(step.choices)},
        simple=listed <= PAGE
        and slot != "language"
        and all(choice.condition is None for choice in step.choices),
        digits=slot not in DIGITS_ANSWER,
        waits=step.waits,
        shape=_shape(step, slot),
    )


def _shape(step: Step, slot: SlotType | None) -> int:
    """A number for the structure of a question: what it asks, its choices in order, its handoff. No texts."""
    parts = [step.ask or "", slot or "", *(f"{choice.name}>{choice.go or ''}" for choice in step.choices)]
    if step.handoff:
        parts += ["handoff", step.handoff.queue, *step.handoff.share]
    return crc32("\n".join(parts).encode())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
