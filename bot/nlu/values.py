"""What a typed answer to a typed question is worth: number, yes or no, age group, date. None when unsure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal

from bot.nlu.normalise import MAX_BARE_DIGITS, ascii_digits, bare_number, fold, words_of
from bot.nlu.wordlists import CARDINALS, FILLERS, NEGATIONS, listed

YesNo = Literal["yes", "no"]
AgeGroup = Literal["under 18", "18 or older"]

ADULT: Final = 18
OLDEST: Final = 120
MAX_TYPED: Final = 120  # characters
_FEW_WORDS: Final = 6
_SHORT_YEAR: Final = 99
_YEARS: Final = range(1900, 2200)
_HALF_A_YEAR: Final = timedelta(days=183)
_YES_SIGNS: Final = frozenset("👍✅✔☑👌")
_NO_SIGNS: Final = frozenset("👎❌✖🚫")
_DECIMAL: Final = re.compile(r"\d\s*[.,/:-]\s*\d|-\d")
_ISO: Final = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[-/. ]{1,2}(\d{1,2})(?:[-/. ]{1,2}(\d{4}|\d{2}))?\.?")
_NAMED: Final = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)? )?(?:of |de |do )?([^\W\d]+)(?: (\d{1,2})(?:st|nd|rd|th)?)?(?: (?:de |do )?(\d{4}))?"
)
_MONTHS: Final[dict[str, int]] = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "januar februar mart april maj jun jul avgust septembar oktobar novembar decembar",
        "januara februara marta aprila maja juna jula avgusta septembra oktobra novembra decembra",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik",
        "janvarja fevralja marta aprelja maja ijunja ijulja avgusta sentjabrja oktjabrja nojabrja dekabrja",
        "يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر",
        "ژانويه فوريه مارس اوريل مه ژوين ژوييه اوت سپتامبر اكتبر نوامبر دسامبر",
        "جنوري فروري مارچ اپريل مءي جون جولاءي اگست ستمبر اكتوبر نومبر دسمبر",
    )
    for number, name in enumerate(names.split(), start=1)
}
_DAYS: Final[dict[str, int]] = {
    **dict.fromkeys(listed("today danas aujourdhui hoje hoy bugun segodnja اليوم امروز آج aaj"), 0),
    **dict.fromkeys(listed("tomorrow sutra demain amanha yarin zavtra غدا بكره فردا kal"), 1),
    **dict.fromkeys(listed("yesterday juce hier ontem ayer dun vcera امس مبارح ديروز"), -1),
}


def parse_number(text: str) -> int | None:
    """The whole number of a short answer: `3`, `٣`, `3 people`, `three`. None for two numbers or a fraction."""
    number = bare_number(text)
    if number is not None:
        return number
    if len(text) > MAX_TYPED or _DECIMAL.search(ascii_digits(text)):
        return None
    words = words_of(text).split()
    if not words or len(words) > _FEW_WORDS or NEGATIONS.intersection(words):
        return None
    found = [int(word) for word in words if word.isdecimal() and len(word) <= MAX_BARE_DIGITS]
    if not found:
        found = [
            CARDINALS[word]
            for word in words
            if word in CARDINALS and (len(words) == 1 or word not in FILLERS)
        ]
    return found[0] if len(found) == 1 else None


def parse_yes_no(text: str, words: Mapping[YesNo, Sequence[str]]) -> YesNo | None:
    """`yes` or `no` by the given words of the language, or by a thumb. Both or neither: None."""
    signs = set(text)
    if signs & (_YES_SIGNS | _NO_SIGNS):
        return _one_of(bool(signs & _YES_SIGNS), bool(signs & _NO_SIGNS))
    tokens = words_of(text[:MAX_TYPED]).split()
    if not tokens or len(tokens) > _FEW_WORDS:
        return None
    yes = {words_of(word) for word in words.get("yes", ())}
    no = {words_of(word) for word in words.get("no", ())}
    typed = " ".join(tokens)
    if typed in yes or typed in no:
        return _one_of(typed in yes, typed in no)
    said_no = bool(no.intersection(tokens) or NEGATIONS.intersection(tokens))
    if tokens[0] in no and not yes.intersection(tokens):
        return "no"
    return "yes" if tokens[0] in yes and not said_no else None


def _one_of(yes: bool, no: bool) -> YesNo | None:
    if yes == no:
        return None
    return "yes" if yes else "no"


def parse_age_group(text: str) -> AgeGroup | None:
    """Under 18 or not, from an age in years. The age itself is not returned, so that nobody can keep it."""
    number = parse_number(text)
    if number is None or not 0 < number <= OLDEST:
        return None
    return "18 or older" if number >= ADULT else "under 18"


def parse_date(text: str, today: date) -> date | None:
    """A day of the Gregorian calendar: ISO, day before month, a named month, today or tomorrow.

    Without a year: the nearest such day to `today`. Other calendars (years 13xx, 14xx, 25xx) give None.
    """
    if len(text) > MAX_TYPED:
        return None
    typed = fold(text).strip(" .,!?")
    if typed in _DAYS:
        return today + timedelta(days=_DAYS[typed])
    if match := _ISO.fullmatch(typed):
        return _day(int(match[1]), int(match[2]), int(match[3]), today)
    if match := _DAY_FIRST.fullmatch(typed):
        year = int(match[3]) if match[3] else None
        if year is not None and year <= _SHORT_YEAR:
            year += 2000
        return _day(year, int(match[2]), int(match[1]), today)
    if match := _NAMED.fullmatch(words_of(typed)):
        month = _MONTHS.get(match[2])
        days = [int(day) for day in (match[1], match[3]) if day]
        if month and len(days) == 1:
            return _day(int(match[4]) if match[4] else None, month, days[0], today)
    return None


def _day(year: int | None, month: int, day: int, today: date) -> date | None:
    if year is not None:
        return _valid(year, month, day) if year in _YEARS else None
    near = [_valid(today.year + offset, month, day) for offset in (-1, 0, 1)]
    close = [found for found in near if found and abs(found - today) <= _HALF_A_YEAR]
    return min(close, key=lambda found: abs(found - today)) if close else None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
