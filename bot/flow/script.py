"""Scripted conversations beside a flow (`housing.test.yaml`): what they may say, with a place for every fault."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from bot.flow.definition import Value
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar

CODES: Final[Mapping[str, str]] = {
    "S101": "A scripted conversation is not written as described.",
    "S102": "A scripted conversation names something that does not exist.",
}
"""Problem codes of this module and what they mean; docs/reference/problems.md is tested against it."""

ItemKind = Literal["bot", "person", "tap", "command", "wait", "at"]
ITEM_KINDS: Final[tuple[ItemKind, ...]] = ("bot", "person", "tap", "command", "wait", "at")

_TEST_KEYS: Final = ("name", "languages", "given", "talk", "expect")
_EXPECT_KEYS: Final = ("queued", "urgency", "shared", "never logged")
_PAUSE: Final = re.compile(r"(\d{1,5}) ?(second|minute|hour|day)s?")
_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a talk. `pause` is set for `wait`."""

    kind: ItemKind
    value: str
    mark: Mark
    pause: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Given:
    """What holds before the talk. `results` maps a flow to the word it ends with instead of being run."""

    directory: Literal["demo", "empty"] = "demo"
    on_duty: bool = True
    keys: bool = True
    now: datetime | None = None
    results: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be so at the end. None: not asked. `shared` is exact, in any order."""

    queued: str | None = None
    urgency: str | None = None
    shared: tuple[str, ...] | None = None
    never_logged: tuple[str, ...] = ()
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """One scripted conversation. `languages` empty means all."""

    flow: str
    name: str
    talk: tuple[Item, ...]
    mark: Mark
    languages: tuple[str, ...] = ("en",)
    given: Given = field(default_factory=Given)
    expected: Expected = field(default_factory=Expected)


class _RefusedError(Exception):
    def __init__(self, mark: Mark, message: str, mend: str) -> None:
        super().__init__(message)
        self.problem = Problem("S101", mark, message, mend)


def parse_scripts(node: Node, flows: frozenset[str]) -> tuple[list[Script], list[Problem]]:
    """The conversations of one file; a faulty one is left out and reported. `flows` are the ids that exist."""
    problems: list[Problem] = []
    scripts: list[Script] = []
    try:
        root = _fields(node, "a file of conversations")
        flow = _text(_needed(root, "flow"), "flow")
        if flow not in flows:
            mark = root.key_mark("flow")
            problems.append(
                Problem("S102", mark, f"there is no flow '{flow}'", "write the id of a flow in flows/")
            )
            return [], problems
        _only(root, ("flow", "tests"))
        listed = _items(_needed(root, "tests"), "tests")
    except _RefusedError as refused:
        return [], [refused.problem]
    for one in listed.values:
        try:
            scripts.append(_script(one, flow, flows))
        except _RefusedError as refused:
            problems.append(refused.problem)
    return scripts, problems


def _script(node: Node, flow: str, flows: frozenset[str]) -> Script:
    test = _fields(node, "a test")
    _only(test, _TEST_KEYS)
    talk = tuple(_item(each) for each in _items(_needed(test, "talk"), "talk").values)
    given = test.get("given")
    expect = test.get("expect")
    languages = test.get("languages")
    return Script(
        flow=flow,
        name=_text(_needed(test, "name"), "name"),
        talk=talk,
        mark=test.mark,
        languages=_languages(languages) if languages is not None else ("en",),
        given=_given(_fields(given, "given"), flows) if given is not None else Given(),
        expected=_expected(_fields(expect, "expect")) if expect is not None else Expected(),
    )


def _languages(node: Node) -> tuple[str, ...]:
    if isinstance(node, Scalar):
        return () if node.value == "all" else (node.value,)
    return tuple(_text(each, "a language") for each in _items(node, "languages").values)


def _item(node: Node) -> Item:
    fields = _fields(node, "a line of a talk")
    entries = list(fields)
    if len(entries) != 1:
        raise _RefusedError(
            fields.mark, "a line of a talk says one thing", "write one of: " + ", ".join(ITEM_KINDS)
        )
    key, value = entries[0]
    for kind in ITEM_KINDS:
        if key.value == kind:
            text = _text(value, kind)
            return Item(kind, text, key.mark, _pause(text, value.mark) if kind == "wait" else timedelta())
    raise _RefusedError(
        key.mark, f"'{key.value}' is not known in a talk", "write one of: " + ", ".join(ITEM_KINDS)
    )


def _pause(text: str, mark: Mark) -> timedelta:
    match = _PAUSE.fullmatch(text)
    if match is None:
        raise _RefusedError(mark, f"'{text}' is no time to wait", "write for example: 40 minutes")
    return timedelta(**{f"{match[2]}s": int(match[1])})


def _given(fields: Fields, flows: frozenset[str]) -> Given:
    directory: Literal["demo", "empty"] = "demo"
    flags = {"on duty": True, "keys": True}
    now: datetime | None = None
    results: dict[str, str] = {}
    slots: dict[str, Value] = {}
    for key, value in fields:
        name = key.value.replace("_", " ")
        if name == "directory":
            word = _text(value, "directory")
            if word not in ("demo", "empty"):
                raise _RefusedError(value.mark, f"'{word}' is no directory", "write demo or empty")
            directory = "empty" if word == "empty" else "demo"
        elif name in flags:
            flags[name] = _flag(value, name)
        elif name == "now":
            now = _moment(value)
        elif name == "slots":
            for slot, filled in _fields(value, "slots"):
                text = _text(filled, slot.value)
                plain = isinstance(filled, Scalar) and filled.plain
                slots[slot.value] = int(text) if plain and text.isascii() and text.isdecimal() else text
        elif key.value in flows:
            results[key.value] = _text(value, key.value)
        else:
            raise _RefusedError(
                key.mark,
                f"'{key.value}' is not known here",
                "write directory, on duty, keys, now, slots, or a flow with the word it ends with",
            )
    return Given(directory, flags["on duty"], flags["keys"], now, results, slots)


def _flag(node: Node, name: str) -> bool:
    word = _text(node, name).lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise _RefusedError(
        node.mark, f"'{word}' is neither true nor false", f"write '{name}: true' or '{name}: false'"
    )


def _moment(node: Node) -> datetime:
    text = _text(node, "now")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _RefusedError(
            node.mark, f"'{text}' is no date", "write for example: 2026-11-23 10:00"
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _expected(fields: Fields) -> Expected:
    _only(fields, _EXPECT_KEYS)
    queued, urgency = fields.get("queued"), fields.get("urgency")
    shared, never = fields.get("shared"), fields.get("never logged")
    return Expected(
        queued=_text(queued, "queued") if queued is not None else None,
        urgency=_text(urgency, "urgency") if urgency is not None else None,
        shared=_texts(shared, "shared") if shared is not None else None,
        never_logged=_texts(never, "never logged") if never is not None else (),
        mark=fields.mark,
    )


# --- nodes ---------------------------------------------------------------------------------------------


def _fields(node: Node, what: str) -> Fields:
    if not isinstance(node, Fields):
        raise _RefusedError(
            node.mark, f"{what} is written as 'key: value'", "see docs/reference/flow-tests.md"
        )
    return node


def _items(node: Node, what: str) -> Items:
    if not isinstance(node, Items):
        raise _RefusedError(node.mark, f"{what} is a list", "begin each line with '- '")
    return node


def _text(node: Node, what: str) -> str:
    if not isinstance(node, Scalar):
        raise _RefusedError(node.mark, f"{what} is one word or sentence", "write it on one line")
    return node.value


def _texts(node: Node, what: str) -> tuple[str, ...]:
    if isinstance(node, Scalar):
        return (node.value,) if node.value else ()
    return tuple(_text(each, what) for each in _items(node, what).values)


def _needed(fields: Fields, key: str) -> Node:
    found = fields.get(key)
    if found is None:
        raise _RefusedError(fields.mark, f"'{key}' is missing", f"add '{key}:'")
    return found


def _only(fields: Fields, known: tuple[str, ...]) -> None:
    for key, _ in fields:
        if key.value.replace("_", " ") not in known:
            raise _RefusedError(
                key.mark, f"'{key.value}' is not known here", "use one of: " + ", ".join(known)
            )
