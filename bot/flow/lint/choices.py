"""Choices that people cannot tell apart, and labels that a channel cuts off."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from bot.flow.definition import Choice
from bot.flow.draft import Draft
from bot.flow.lint.world import World
from bot.i18n.languages import ENGLISH
from bot.kernel.problems import Problem
from bot.nlu.normalise import fold

LABEL: Final = 40
"""Characters of a label that one line of a small phone shows on a Telegram button; Telegram itself sets no limit
(<https://core.telegram.org/bots/api#inlinekeyboardbutton>, read 2026-11). On WhatsApp labels are lines of text."""


def lint_choices(draft: Draft, world: World) -> Iterator[Problem]:
    """Too long labels in every language, and the same word at two choices of a step."""
    for step in draft.flow.steps.values():
        for choice in step.choices:
            yield from _labels(choice, world)
        for one, other in combinations(step.choices, 2):
            if one.condition is None and other.condition is None:
                yield from _clash(one, other)


def _labels(choice: Choice, world: World) -> Iterator[Problem]:
    for code in world.catalogue.languages.codes:
        message = world.catalogue.flows.get(code, {}).get(choice.label.context)
        label = choice.label.source if code == ENGLISH else message.text if message else ""
        if len(label) > LABEL:
            where = "" if code == ENGLISH else f" in {code}"
            yield Problem(
                "F505",
                choice.label.mark,
                f"the label of '{choice.name}' has {len(label)} characters{where}, more than {LABEL}",
                "shorten it; what it means can stand in the 'say' above",
            )


def _clash(one: Choice, other: Choice) -> Iterator[Problem]:
    theirs = {fold(word): word for word in (other.label.source, *other.words)}
    for word in (one.label.source, *one.words):
        if fold(word) in theirs:
            yield Problem(
                "F211",
                other.mark,
                f"'{theirs[fold(word)]}' stands for '{one.name}' and for '{other.name}'",
                "keep it at one of them, so that a typed answer has one meaning",
            )
            return
