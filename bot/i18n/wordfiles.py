"""The word lists of a language: phrases.yaml, crisis.yaml, commands.yaml and abuse.yaml, from marked nodes to plain mappings."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar, Severity

CRISIS_KINDS: Final = ("suicide", "danger now", "violence", "trafficking", "child", "medical")
"""Kinds of crisis, the most severe first."""

HARMLESS: Final = "harmless"
"""Key of crisis.yaml for everyday phrases that only sound like a crisis: `dead battery`."""

COMMANDS: Final = (
    "person",
    "leave",
    "back",
    "menu",
    "help",
    "sos",
    "language",
    "erase",
    "slow",
    "one minute",
    "mail",
    "safe word",
    "return code",
    "verify",
)
"""Commands of a person, in the order help lists them."""

OUT_OF_SCOPE: Final = "none"
"""Key of phrases.yaml for messages that no flow answers: weather, jokes, greetings to a friend."""

ABUSE: Final = "abuse"
"""The one key of abuse.yaml: what insults or presses whoever reads it."""

FEWEST_PHRASES: Final = 8
LONGEST_PHRASE: Final = 200
LONGEST_WORD: Final = 60
FEWEST_ASCII: Final = 3  # letters of a crisis pattern
FEWEST_OTHER: Final = 2

_LETTERS_TOGETHER: Final = re.compile(r"[^\s*.+]{3}")  # enough in any script

Words = tuple[str, ...]


def parse_phrases(
    node: Node, language: str, flows: Collection[str] | None = None
) -> tuple[Mapping[str, Words], list[Problem]]:
    """Flow id -> phrases. With `flows`, phrases of a flow that does not exist are an error and left out."""
    if not isinstance(node, Fields):
        mend = "write 'menu.main:' and a list of phrases under it"
        return {}, [Problem("T301", node.mark, f"the phrases of {language} must be a mapping", mend)]
    problems: list[Problem] = []
    found: dict[str, Words] = {}
    owners: dict[str, str] = {}
    for key, value in node:
        if flows is not None and key.value not in flows and key.value != OUT_OF_SCOPE:
            mend = f"use a flow id, or '{OUT_OF_SCOPE}' for what no flow answers"
            problems.append(Problem("T302", key.mark, f"there is no flow '{key.value}'", mend))
            continue
        entries = _list(value, ("T303", "phrase", LONGEST_PHRASE), problems)
        if len(entries) < FEWEST_PHRASES:
            message = f"'{key.value}' has {len(entries)} phrases in {language}"
            mend = f"write at least {FEWEST_PHRASES}, as people really write"
            problems.append(Problem("T304", key.mark, message, mend, "warning"))
        for text, mark in entries:
            owner = owners.setdefault(_plain(text), key.value)
            if owner != key.value:
                message = f"'{text}' leads to '{owner}' and to '{key.value}'"
                problems.append(Problem("T305", mark, message, "keep it under one of them", "warning"))
        found[key.value] = tuple(text for text, _ in entries)
    return found, problems


def parse_crisis(node: Node, language: str) -> tuple[Mapping[str, Words], list[Problem]]:
    """Kind -> patterns (see `bot.nlu.crisis` for how they are read), with `harmless` where there is such a list."""
    if not isinstance(node, Fields):
        mend = f"write '{CRISIS_KINDS[0]}:' and a list of words under it"
        return {}, [
            _crisis("T401", node.mark, f"the crisis words of {language} must be a mapping", mend, "error")
        ]
    problems: list[Problem] = []
    found: dict[str, Words] = {}
    for key, value in node:
        kind = key.value.replace("_", " ")
        if kind not in CRISIS_KINDS and kind != HARMLESS:
            mend = f"use one of: {', '.join(CRISIS_KINDS)}; or {HARMLESS}"
            problems.append(_crisis("T402", key.mark, f"'{key.value}' is no kind of crisis", mend, "error"))
            continue
        entries = _list(value, ("T403", "entry", LONGEST_WORD), problems)
        kept = []
        for text, mark in entries:
            if _too_wide(text):
                mend = "write a longer stem, or the whole word"
                problems.append(
                    _crisis("T403", mark, f"'{text}' would fit almost every message", mend, "error")
                )
            else:
                kept.append(text)
        found[kind] = tuple(kept)
    problems.extend(
        _crisis(
            "T404", node.mark, f"{language} has no words for '{kind}'", f"add '{kind}:' with words", "warning"
        )
        for kind in CRISIS_KINDS
        if not found.get(kind)
    )
    return found, problems


def parse_commands(node: Node, language: str) -> tuple[Mapping[str, Words], list[Problem]]:
    """Command -> words. Digits and signs (9, 0, *) are the engine's and not written here."""
    if not isinstance(node, Fields):
        mend = "write 'person: [person, human]'"
        return {}, [Problem("T501", node.mark, f"the commands of {language} must be a mapping", mend)]
    problems: list[Problem] = []
    found: dict[str, Words] = {}
    owners: dict[str, str] = {}
    for key, value in node:
        command = key.value.replace("_", " ")
        if command not in COMMANDS:
            mend = f"use one of: {', '.join(COMMANDS)}"
            problems.append(Problem("T502", key.mark, f"'{key.value}' is no command", mend))
            continue
        kept = []
        for text, mark in _list(value, ("T503", "word", LONGEST_WORD), problems):
            if not any(character.isalpha() for character in text):
                message = f"'{text}' is a number or a sign, which the engine gives"
                problems.append(Problem("T503", mark, message, "write a word"))
                continue
            owner = owners.setdefault(_plain(text), command)
            if owner != command:
                message = f"'{text}' stands for '{owner}' and for '{command}'"
                problems.append(Problem("T504", mark, message, "keep it under one of them"))
                continue
            kept.append(text)
        found[command] = tuple(kept)
    problems.extend(
        Problem(
            "T505", node.mark, f"{language} has no word for '{command}'", f"add '{command}: [...]'", "warning"
        )
        for command in COMMANDS
        if not found.get(command)
    )
    return found, problems


def parse_abuse(node: Node, language: str) -> tuple[Mapping[str, Words], list[Problem]]:
    """`abuse` -> entries: words side by side, a star after the start of a word. The console matches them, not the server."""
    mend = f"write '{ABUSE}:' and a list of entries under it"
    wrong = f"the words that hurt in {language} are one list, '{ABUSE}'"
    if not isinstance(node, Fields):
        return {}, [Problem("T506", node.mark, wrong, mend)]
    problems: list[Problem] = []
    found: dict[str, Words] = {}
    for key, value in node:
        if key.value != ABUSE:
            problems.append(Problem("T506", key.mark, wrong, mend))
            continue
        kept = []
        for text, mark in _list(value, ("T507", "entry", LONGEST_WORD), problems):
            if _too_wide(text):
                message = f"'{text}' would put almost every message out of sight"
                problems.append(Problem("T507", mark, message, "write the whole word, or words around it"))
            else:
                kept.append(text)
        found[ABUSE] = tuple(kept)
    return found, problems


def _list(node: Node, kind: tuple[str, str, int], problems: list[Problem]) -> list[tuple[str, Mark]]:
    """The texts of a list, or of one scalar, that are neither empty nor too long."""
    code, what, longest = kind
    if isinstance(node, Fields):
        problems.append(
            Problem(code, node.mark, f"here a list of {what}s is expected", "write '- ' before each")
        )
        return []
    entries = []
    for item in node.values if isinstance(node, Items) else (node,):
        text = " ".join(item.value.split()) if isinstance(item, Scalar) else ""
        if not 0 < len(text) <= longest:
            mend = f"write a text of at most {longest} characters, in quotes where it holds a colon"
            problems.append(Problem(code, item.mark, f"this {what} is empty, too long or no text", mend))
        else:
            entries.append((text, item.mark))
    return entries


def _too_wide(pattern: str) -> bool:
    """Whether a pattern is so short that it would fit almost any message; one Arabic letter carries more."""
    if _LETTERS_TOGETHER.search(pattern):
        return False
    letters = "".join(word.strip("*.+") for word in pattern.split())
    return len(letters) < (FEWEST_ASCII if letters.isascii() else FEWEST_OTHER)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _crisis(code: str, mark: Mark, message: str, mend: str, severity: Severity) -> Problem:
    return Problem(code, mark, message, mend, severity)
