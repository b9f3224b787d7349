"""Plays scripted conversations against a library and says in plain words where they differ."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.flow.asking import MORE
from bot.flow.commands import IN_ENGLISH
from bot.flow.definition import Flow, Step
from bot.flow.engine import LOST, Turn
from bot.flow.library import Library
from bot.flow.rehearsal import Rehearsal, said, staffed
from bot.flow.script import Item, Script
from bot.kernel.messages import OutboundMessage
from bot.kernel.problems import Mark

PAGES: Final = 20
"""How often `tap` turns the page of a long list to find its choice."""

_FOOTER: Final = {"9": "-.9", "person": "-.9", "0": "-.0", "leave": "-.0"}


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a conversation went another way than its script."""

    mark: Mark
    expected: str
    got: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One script in one language. `passed` holds steps and choices that were gone through."""

    script: Script
    language: str
    failure: Failure | None
    passed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of one flow its scripts went through."""

    flow: str
    steps: int
    steps_passed: int
    choices: int
    choices_passed: int
    missed: tuple[str, ...]


class _DifferenceError(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.expected)
        self.failure = failure


@dataclass(slots=True)
class _Stage:
    """A script being played."""

    script: Script
    rehearsal: Rehearsal
    turn: Turn
    position: int = 0
    passed: set[str] = field(default_factory=set)
    traces: list[str] = field(default_factory=list)

    def take(self, turn: Turn, mark: Mark) -> None:
        """A new turn: what the bot says is looked for in it from the start."""
        self.turn = turn
        self.position = 0
        self.passed.update(turn.passed)
        self.traces += turn.trace
        if LOST in turn.trace:
            raise _DifferenceError(
                Failure(mark, "the conversation to go on", "the engine found no way on here", _texts(turn))
            )


def play(
    script: Script,
    library: Library,
    *,
    now: datetime,
    language: str = "en",
    logged: Callable[[], str] = lambda: "",
) -> Outcome:
    """Play one script in one language. `logged` gives what was logged meanwhile."""
    given = script.given
    set_up = _library_for(script, library)
    rehearsal = Rehearsal(
        set_up,
        given.now or now,
        staffing=staffed(library, on_duty=given.on_duty, keys=2 if given.keys else 0),
        demo=True,
    )
    stage = _Stage(script, rehearsal, Turn(None, ()))
    failure: Failure | None = None
    try:
        _check_slots(script, library)
        stage.take(rehearsal.start(script.flow, language=language, slots=given.slots), script.mark)
        for item in script.talk:
            _play_item(stage, item)
        _compare(stage, logged())
    except _DifferenceError as difference:
        failure = difference.failure
    return Outcome(script, language, failure, frozenset(stage.passed))


def play_all(
    scripts: Iterable[Script], library: Library, *, now: datetime, logged: Callable[[], str] = lambda: ""
) -> list[Outcome]:
    """Play every script in each of its languages; `all` are those with texts of their own."""
    return [
        play(script, library, now=now, language=language, logged=logged)
        for script in scripts
        for language in (script.languages or library.catalogue.served)
    ]


def coverage(library: Library, outcomes: Iterable[Outcome]) -> list[Coverage]:
    """Step and choice coverage per flow, in the order of their names."""
    passed: set[str] = set()
    for outcome in outcomes:
        passed |= outcome.passed
    found = []
    for flow in sorted(library.flows.values(), key=lambda each: each.id):
        steps = [f"{flow.id}/{name}" for name in flow.steps]
        choices = [
            f"{flow.id}/{step.name}#{choice.name}" for step in flow.steps.values() for choice in step.choices
        ]
        found.append(
            Coverage(
                flow=flow.id,
                steps=len(steps),
                steps_passed=sum(step in passed for step in steps),
                choices=len(choices),
                choices_passed=sum(choice in passed for choice in choices),
                missed=tuple(name.partition("/")[2] for name in (*steps, *choices) if name not in passed),
            )
        )
    return found


# --- the items of a talk -------------------------------------------------------------------------------


def _play_item(stage: _Stage, item: Item) -> None:
    rehearsal = stage.rehearsal
    match item.kind:
        case "person":
            stage.take(rehearsal.say(item.value), item.mark)
        case "command":
            stage.take(rehearsal.say(_command_word(item.value)), item.mark)
        case "tap":
            stage.take(_tap(stage, item), item.mark)
        case "wait":
            rehearsal.wait(item.pause)
        case "bot":
            _expect_said(stage, item)
        case "at":
            _expect_at(stage, item)


def _command_word(name: str) -> str:
    for command, words in IN_ENGLISH.items():
        if command == name:
            return words[0]
    return name


def _tap(stage: _Stage, item: Item) -> Turn:
    rehearsal = stage.rehearsal
    seen: list[str] = []
    for _ in range(PAGES):
        names = rehearsal.question().names
        if item.value in names:
            return rehearsal.tap(_payload(rehearsal, names, item.value))
        seen += [name for name in names if name not in seen]
        if MORE not in names or set(names) - {MORE} <= set(seen[: -len(names)]):
            break
        stage.take(rehearsal.tap(_payload(rehearsal, names, MORE)), item.mark)
    if item.value in _FOOTER:
        return rehearsal.tap(_FOOTER[item.value])
    shown = ", ".join(name for name in seen if name != MORE) or "none"
    raise _DifferenceError(
        Failure(item.mark, f"a choice '{item.value}'", f"the choices here are: {shown}", _texts(stage.turn))
    )


def _payload(rehearsal: Rehearsal, names: Sequence[str], name: str) -> str:
    session = rehearsal.session
    return f"{session.nonce if session else ''}.{names.index(name) + 1}"


def _expect_said(stage: _Stage, item: Item) -> None:
    trace = stage.turn.trace
    for position in range(stage.position, len(trace)):
        if _is_called(trace[position], item.value, stage.script.flow):
            stage.position = position + 1
            return
    got = ", ".join(_short(entry, stage.script.flow) for entry in trace) or "nothing"
    raise _DifferenceError(
        Failure(item.mark, f"the bot at {item.value}", f"it was at {got}", _texts(stage.turn))
    )


def _is_called(entry: str, name: str, flow: str) -> bool:
    """Whether what was said is what the script calls `name`: `step`, `step.suffix` or `flow/step`."""
    if name in (entry, entry.removeprefix(f"{flow}/")):
        return True
    step, _, suffix = name.rpartition(".")
    if suffix == "permission":
        return entry.endswith("/permission") and (
            not step or "/" not in step or entry.startswith(step.split("/")[0])
        )
    if name in ("permission", "menu"):
        return entry.endswith((f"/{name}", f".{name}"))
    return suffix == "menu" and entry == "menu" and step == "end"


def _short(entry: str, flow: str) -> str:
    return entry.removeprefix(f"{flow}/")


def _expect_at(stage: _Stage, item: Item) -> None:
    session = stage.rehearsal.session
    frames = session.frames if session is not None else ()
    places = [f"{frame.flow}/{frame.step}" for frame in frames]
    if item.value == "end":
        reached = not frames
    else:
        reached = any(_is_called(place, item.value, stage.script.flow) for place in places)
    if not reached:
        got = _short(places[-1], stage.script.flow) if places else "the end"
        raise _DifferenceError(
            Failure(item.mark, f"the conversation at {item.value}", f"it is at {got}", _texts(stage.turn))
        )


# --- what must be so at the end ------------------------------------------------------------------------


def _compare(stage: _Stage, logged: str) -> None:
    expected = stage.script.expected
    mark = expected.mark or stage.script.mark
    opened = stage.rehearsal.opened[-1] if stage.rehearsal.opened else None
    queue = opened.queue if opened is not None else "nothing"
    wanted = "nothing" if expected.queued in ("none", "nothing") else expected.queued
    pairs: list[tuple[str, str, str]] = []
    if wanted is not None:
        pairs.append(("queued", wanted, queue))
    if expected.urgency is not None:
        pairs.append(("urgency", expected.urgency, stage.rehearsal.urgency or "none"))
    if expected.shared is not None:
        left: list[str] = []
        if opened is not None:
            left = [field.slot for field in opened.shared] + ([opened.note_slot] if opened.note_slot else [])
        pairs.append(("shared", _listed(expected.shared), _listed(left)))
    for what, want, got in pairs:
        if want != got:
            raise _DifferenceError(Failure(mark, f"{what}: {want}", f"{what}: {got}"))
    written = "\n".join((logged, *stage.traces)).casefold()
    for secret in expected.never_logged:
        if secret.casefold() in written:
            raise _DifferenceError(Failure(mark, f"'{secret}' never in a log", "it was logged"))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


# --- setting up ----------------------------------------------------------------------------------------


def _library_for(script: Script, library: Library) -> Library:
    """The library with what the script gives: an empty directory, flows that end with a word at once."""
    given = script.given
    if given.directory == "demo" and not given.results:
        return library
    flows = dict(library.flows)
    for name, word in given.results.items():
        flows[name] = _ended(flows[name], word)
    directory = library.directory.emptied() if given.directory == "empty" else library.directory
    return replace(library, flows=flows, directory=directory, prepared=[])


def _ended(flow: Flow, word: str) -> Flow:
    """The flow as one step that ends with `word`."""
    only = Step("given", flow.mark, end=word)
    return replace(flow, start="given", steps={"given": only}, sensitive=False)


def _check_slots(script: Script, library: Library) -> None:
    flow = library.flows[script.flow]
    for slot in script.given.slots:
        if slot not in flow.remember and slot not in flow.uses:
            raise _DifferenceError(Failure(script.mark, f"a slot '{slot}' in {flow.id}", "there is none"))


def _texts(turn: Turn) -> tuple[str, ...]:
    message: OutboundMessage = said(turn)
    return message.texts


__all__ = ["Coverage", "Failure", "Outcome", "coverage", "play", "play_all"]
