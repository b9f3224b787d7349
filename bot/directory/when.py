"""When a service answers and where a mobile team is next, as a person says it: today, tomorrow, Monday.

Times are those of the service's own zone; where clocks may differ from the person's, the zone is named.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, get_day_names, get_timezone_location

from bot.directory.columns import base
from bot.directory.hours import holidays_unsure, opening, shown_hours
from bot.directory.matching import Match
from bot.directory.model import Service, pick
from bot.directory.vetting import checked_long_ago, withheld
from bot.directory.visits import Coming

Say = Callable[..., str]
"""`say(key, **values)` gives a ui sentence in the person's language."""

WEEK: Final = 7
_ONE_DAY: Final = timedelta(days=1)

_LOCALES: Final = {"sr": "sr_Latn", "ku": "ku"}


def when_lines(match: Match, language: str, now: datetime, say: Say) -> list[str]:
    """Its hours, what may make them differ, and the next visit of a mobile team."""
    service = match.service
    visits = [visit_words(match, match.visit, now, language, say)] if match.visit else []
    if service.hours is None and visits:
        return visits
    lines = [_opening_line(service, language, now, say)]
    if (hours := shown_hours(service)) and holidays_unsure(hours, now):
        lines.append(say("card/holidays"))
    if match.zone:
        city = get_timezone_location(ZoneInfo(match.zone), locale=locale_of(language), return_city=True)
        lines.append(say("card/zone", place=str(city)))
    return lines + visits


def _opening_line(service: Service, language: str, now: datetime, say: Say) -> str:
    if "hours" in withheld(service):
        return say("card/disagree.hours")
    words = opening_words(service, language, now, say)
    return (
        dated(words, checked_long_ago(service, "hours", now.date()), language, say)
        if words
        else say("card/hours_unknown")
    )


def dated(line: str, read: date | None, language: str, say: Say) -> str:
    """A line about one fact, with the day when its own source was read if that is long ago."""
    return say("card/fact_checked", fact=line, date=day_words(read, language)) if read else line


def visit_words(match: Match, coming: Coming, now: datetime, language: str, say: Say) -> str:
    """Where a mobile team is now or next, the day and the hours, as one sentence."""
    known = match.visited
    names = {code: listed[0] for code, listed in known.names.items() if listed} if known else {}
    place = pick(names, language) or coming.visit.place
    spell = coming.spell
    start, end = _time(spell.begins), _time(spell.ends)
    if spell.ends - max(spell.begins, now) > _ONE_DAY:
        end = f"{day_words(spell.ends.date(), language)} {end}"
    if coming.opening.state == "open":
        return say("card/visit_now", place=place, time=end)
    day = format_date(
        max(spell.begins, now.astimezone(spell.begins.tzinfo)), "full", locale=locale_of(language)
    )
    if not spell.sure:
        return say("card/visit_unsure", place=place, day=day)
    days = (spell.begins.date() - now.astimezone(spell.begins.tzinfo).date()).days
    if days <= 1:
        return say("card/visit_tomorrow" if days else "card/visit_today", place=place, start=start, end=end)
    return say("card/visit", place=place, day=day, start=start, end=end)


def opening_words(service: Service, language: str, now: datetime, say: Say) -> str:
    """When it answers, as one sentence; empty when nobody knows."""
    found = opening(service, now)
    if found.state == "closed":
        return opens_words(found.opens, now, language, say)
    if found.state == "unknown":
        return ""
    if found.until is None:
        return say("card/open_always")
    soon = found.until - now < _ONE_DAY
    return say("card/open_until", time=_time(found.until)) if soon else say("card/open_now")


def opens_words(opens: datetime | None, now: datetime, language: str, say: Say) -> str:
    """When what is closed opens, in its own zone."""
    if opens is None:
        return say("card/closed")
    time = _time(opens)
    days = (opens.date() - now.astimezone(opens.tzinfo).date()).days
    if days <= 1:
        return say("card/opens_tomorrow" if days else "card/opens_today", time=time)
    if days < WEEK:
        day = get_day_names("wide", locale=locale_of(language))[opens.weekday()]
    else:
        day = day_words(opens.date(), language)
    return say("card/opens", day=day, time=time)


def locale_of(language: str) -> Locale:
    """The locale that words of time are taken from; English where a language has none."""
    for name in (_LOCALES.get(language, language), base(language), "en"):
        try:
            return Locale.parse(name.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def day_words(day: date, language: str) -> str:
    """A day as it is written in `language`."""
    return format_date(day, format="long", locale=locale_of(language))


def _time(moment: datetime) -> str:
    return f"{moment.hour}:{moment.minute:02d}"
