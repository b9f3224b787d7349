"""What a typed answer is worth for the kind of slot that is asked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.flow.definition import SlotType, Value
from bot.flow.exchange import Exchange
from bot.flow.prepared import PreparedStep
from bot.i18n.languages import ENGLISH
from bot.nlu.choices import Choosable, match_choice
from bot.nlu.normalise import ascii_digits
from bot.nlu.values import YesNo, parse_age_group, parse_date, parse_number, parse_yes_no

LONGEST_TEXT: Final = 280
"""Characters of a `text` answer: it stays in the session, which stays small."""

LONGEST_SEALED: Final = 4096
"""Characters of a `sealed text` answer; what both messengers allow in one message."""

PLACE_SURE: Final = 0.9
PLACE_APART: Final = 0.08
_PHONE: Final = re.compile(r"\+?[\d\s().\-/]{6,24}")
_PHONE_DIGITS: Final = range(6, 16)


@dataclass(frozen=True, slots=True)
class Reading:
    """A value; or several it may be, to ask about; or nothing. `too_long`: it was not read at all."""

    value: Value | None = None
    candidates: tuple[str, ...] = ()
    too_long: bool = False


NOTHING: Final = Reading()


def read(ex: Exchange, prepared: PreparedStep, text: str) -> Reading:
    """The value of `text` for what the step asks; choices and languages are read as choices."""
    reader = _READERS.get(prepared.slot) if prepared.slot is not None else None
    return reader(ex, text) if reader is not None else NOTHING


def _value(value: Value | None) -> Reading:
    return NOTHING if value is None else Reading(value)


def _text(_ex: Exchange, text: str) -> Reading:
    return _words(text, LONGEST_TEXT)


def _sealed_text(_ex: Exchange, text: str) -> Reading:
    return _words(text, LONGEST_SEALED)


def _number(_ex: Exchange, text: str) -> Reading:
    return _value(parse_number(text))


def _yes_no(ex: Exchange, text: str) -> Reading:
    return _value(parse_yes_no(text, _yes_no_words(ex)))


def _age_group(_ex: Exchange, text: str) -> Reading:
    return _value(parse_age_group(text))


def _date(ex: Exchange, text: str) -> Reading:
    day = parse_date(text, ex.situation.now.date())
    return _value(day.isoformat() if day else None)


def _words(text: str, longest: int) -> Reading:
    stripped = text.strip()
    if len(stripped) > longest:
        return Reading(too_long=True)
    return _value(stripped or None)


def _yes_no_words(ex: Exchange) -> dict[YesNo, tuple[str, ...]]:
    answers: tuple[YesNo, ...] = ("yes", "no")
    return {
        answer: tuple(
            word.strip()
            for language in dict.fromkeys((ex.language, ENGLISH))
            for word in ex.ready.sentence(f"engine/{answer}.words", language).split(",")
        )
        for answer in answers
    }


def _place(ex: Exchange, text: str) -> Reading:
    if len(text) > LONGEST_TEXT:
        return NOTHING
    found = ex.ready.library.directory.places.find(text, limit=3)
    if not found:
        return NOTHING
    best = found[0][1]
    near = tuple(place for place, score in found if best - score < PLACE_APART)
    if best >= PLACE_SURE and len(near) == 1:
        return Reading(near[0])
    return Reading(candidates=near)


def _need(ex: Exchange, text: str) -> Reading:
    listed = [
        Choosable.of(
            need.id,
            0,
            need.label.get(ex.language) or need.label.get(ENGLISH) or need.id,
            (word for words in need.words.values() for word in words),
        )
        for need in ex.ready.library.directory.taxonomy.needs.values()
    ]
    found = match_choice(text, listed)
    if found is None:
        return NOTHING
    return Reading(found.name) if found.sure else Reading(candidates=(found.name,))


def _phone(_ex: Exchange, text: str) -> Reading:
    written = ascii_digits(text).strip()
    digits = "".join(character for character in written if character.isdecimal())
    if not _PHONE.fullmatch(written) or len(digits) not in _PHONE_DIGITS:
        return NOTHING
    return Reading(f"+{digits}" if written.startswith("+") else digits)


_READERS: Final[Mapping[SlotType, Callable[[Exchange, str], Reading]]] = {
    "text": _text,
    "sealed text": _sealed_text,
    "number": _number,
    "yes no": _yes_no,
    "age group": _age_group,
    "date": _date,
    "place": _place,
    "need": _need,
    "phone": _phone,
}
