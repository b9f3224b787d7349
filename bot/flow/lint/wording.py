"""How texts speak: short, without pressure, without words that hurt.

The words are English; translations are read by people who know which words hurt in their language. The rules
are the project's safety rules: C4 and C9 (no doubt, no promise), C5 (short), C7 and M1 (never asked), E5, L2, R2, T3.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.flow.definition import Text
from bot.flow.draft import Draft
from bot.flow.lint.texts import TextKind, WrittenText, texts_of
from bot.flow.lint.world import World
from bot.i18n.languages import ENGLISH
from bot.kernel.problems import Problem, Severity

MESSAGE: Final = 350
SENTENCE: Final = 20

TERMS: Final = {
    r"illegals?|illegally": "say what happened: 'without papers', 'it is a crime there'",
    r"homosexuals|(?:an?|the) homosexual(?=[.,;:!?]|\s*$)": "say 'people who love the same gender'",
    r"(?:gay |homosexual )?lifestyles?": "say what is meant, or leave it out",
    r"(?:sexual )?preferences?": "say 'who you love', or 'what you would like'",
    r"real (?:name|names|sex|gender)": "say 'name', or 'what should I call you'",
    r"victims?": "say 'person harmed'; people choose their own word",
    r"confess(?:es|ed|ing|ion|ions)?": "say 'tell'",
    r"admit(?:s|ted|ting)?": "say 'tell', or 'let in'",
}
"""Words that hurt or judge (L2, T3), and what to write."""

PHRASES: Final = {
    r"are you (?:really |quite )?sure": "ask what the person would like to do",
    r"(?:can|could|will|do|must) you (?:have to )?prove": "leave it out; nobody proves anything here",
    r"prove (?:it|that you|who you|you are)": "leave it out; nobody proves anything here",
    r"how do you know": "leave it out",
    r"have you tried (?:women|men|girls|boys)": "leave it out",
    r"you will (?:get|receive|be granted) (?:asylum|protection|refugee|status|papers|a visa)": "say that each case is looked at alone",
    r"(?:we|i) (?:will )?(?:keep|make) you safe": "say what can be done",
    r"you (?:are|will be) (?:completely |totally |100 ?% )?safe (?:here|with us|now)": "say what can be done",
    r"(?:we|i) (?:can )?(?:guarantee|promise)": "say what can be done, without a promise",
    r"so much to live for": "say that you are here and listen",
    r"nothing (?:remains|is left|will remain)": "say what remains: screenshots, backups, the other side",
    r"end-to-end encrypted": "say who can read it",
}
"""Doubt, promises and claims (C4, C9, E5, R2), and what to write."""

NEVER_ASKED: Final = re.compile(
    r"hiv|hiv_status|partners?(_names?)?|(home_)?address|route|smugglers?(_names?)?|sex_acts?|sexual_acts?"
    r"|date_of_birth|birth_?(day|date)|dob|real_name|full_name|passport(_number)?",
    re.IGNORECASE,
)
"""Names of slots for what is never asked (C7, M1)."""

_TERM: Final = re.compile(
    "|".join(rf"(?P<t{n}>\b(?:{term})\b)" for n, term in enumerate(TERMS)), re.IGNORECASE
)
_PHRASE: Final = re.compile(
    "|".join(rf"(?P<t{n}>\b(?:{phrase})\b)" for n, phrase in enumerate(PHRASES)), re.IGNORECASE
)
_SENTENCES: Final = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|\n\s*\n|\n(?=\s*(?:[-*•–\d]|[^\W\d_a-z]))")
_WHY: Final = re.compile(r"\bwhy\b(?! (?:do |did |am |are )?(?:i|we)\b)", re.IGNORECASE)
_WORD: Final = re.compile(r"\S*\w\S*")


def lint_wording(draft: Draft, world: World) -> Iterator[Problem]:
    """Problems of the texts, facts and slot names of one flow."""
    for slot, mark in draft.slot_marks:
        if NEVER_ASKED.fullmatch(slot):
            yield Problem(
                "F507",
                mark,
                f"'{slot}' is something we never ask",
                "leave the question out; if it must be said, the person says it to a caseworker",
            )
    for written in texts_of(draft.flow):
        yield from lint_text(written.text, written.kind)
        if written.kind != "label":
            yield from _translated_lengths(written, world)


def lint_text(text: Text, kind: TextKind) -> Iterator[Problem]:
    """Problems of one English text."""
    for pattern, mends in ((_TERM, TERMS), (_PHRASE, PHRASES)):
        found = pattern.search(text.source)
        if found is not None:
            mend = list(mends.values())[int(str(found.lastgroup)[1:])]
            yield Problem("F501", text.mark, f"'{found[0]}' is not said here", mend)
    if kind == "label":
        return
    yield from _too_long(text, text.source, "", "error")
    for sentence in sentences(text.source):
        words = len(_WORD.findall(sentence))
        if words > SENTENCE:
            yield Problem(
                "F504",
                text.mark,
                f"the sentence '{_start(sentence)}' has {words} words, more than {SENTENCE}",
                "make two sentences of it",
            )
        if sentence.rstrip("\"'”’)").endswith("?") and _WHY.search(sentence):
            yield Problem(
                "F502",
                text.mark,
                f"'{_start(sentence)}' asks why",
                "ask what would help, or what happened next; never for a reason",
            )


def sentences(source: str) -> list[str]:
    """The sentences of a text. A line that starts with a capital, a digit or a dash begins a new one."""
    return [" ".join(sentence.split()) for sentence in _SENTENCES.split(source) if sentence.strip()]


def _too_long(text: Text, words: str, where: str, severity: Severity) -> Iterator[Problem]:
    if len(words) > MESSAGE:
        yield Problem(
            "F503",
            text.mark,
            f"this text has {len(words)} characters{where}, more than {MESSAGE}",
            "make it a list of two texts, or shorten it",
            severity,
        )


def _translated_lengths(written: WrittenText, world: World) -> Iterator[Problem]:
    for code in world.catalogue.languages.codes:
        message = world.catalogue.flows.get(code, {}).get(written.text.context)
        if code != ENGLISH and message is not None:
            yield from _too_long(written.text, message.text, f" in {code}", "warning")


def _start(sentence: str) -> str:
    return sentence if len(sentence) <= _QUOTED else f"{sentence[: _QUOTED - 3].rstrip()}..."


_QUOTED: Final = 50  # characters of a sentence in a message
