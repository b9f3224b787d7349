"""One service as a person reads it on a small phone: what it is, when it answers, what to do, what is not known.

The sentences are ui texts `card/...`; what a record says is shown in the person's language where it has it.
"""

from datetime import datetime
from typing import Final

from babel import Locale

from bot.directory.columns import base
from bot.directory.matching import Match
from bot.directory.model import Service, Visibility, pick
from bot.directory.record_format import ACCESS
from bot.directory.vetting import (
    capacity_today,
    checked_long_ago,
    notice_today,
    shown_address,
    shown_phones,
    withheld,
)
from bot.directory.when import Say, dated, day_words, locale_of, when_lines

SAID_WHEN: Final = {
    "shares_with_authorities": ("yes", "no", "unknown"),
    "asks_legal_status": ("yes", "no"),
    "sogiesc_trained": ("yes",),
    "trans_competent": (),  # names who the reader may be: only said to those who asked
    "women_only": ("yes",),
    "records_calls": ("yes",),
    "locates_callers": ("yes",),
}
"""Safety answers that a card says by itself; what a person asked for is said besides."""

KEYS: Final = frozenset(
    f"card/{name}"
    for name in (
        "name", "demo", "reasons", "hours_unknown", "open_always", "open_until", "open_now", "opens", "opens_today",
        "opens_tomorrow", "closed", "holidays", "zone", "visit", "visit_now", "visit_today", "visit_tomorrow",
        "visit_unsure", "next_step", "phone", "website", "address", "place", "distance",
        "address_by_helper", "languages", "by_interpreter", "language_unknown", "documents_note", "not_offered",
        "age_from", "age_to", "age_between", "must_report_when", "checked_on", "relaxed.place", "relaxed.language",
        "notice", "fact_checked", "disagree.phones", "disagree.address", "disagree.hours", "capacity_full", "capacity_waiting_list", "reason.language_staff", "reason.language_interpreter",
        "reason.near", "reason.population", "reason.capacity", "reason.remote",
        *(f"access_{way}" for way in ACCESS),
        *(f"cost_{cost}" for cost in ("free", "sliding", "paid", "unknown")),
        *(f"documents_{papers}" for papers in ("none", "some", "unknown")),
        *(f"safety.{word}.{answer}" for word in SAID_WHEN for answer in ("yes", "no", "unknown")),
    )
)  # fmt: skip
"""Every sentence a card may say."""

REASONS: Final = 3
NEAR_KM: Final = 25


def card(match: Match, language: str, now: datetime, say: Say, *, tier: Visibility = "matched") -> str:
    """The card of a match in `language`, one thing a line. Never holds a hidden address or number."""
    service = match.service
    lines = [
        *_head(match, language, say),
        *_notice(service, language, now, say),
        *when_lines(match, language, now, say),
        *_what_to_do(service, language, say),
        *_contact(match, language, now, say, tier),
        *_languages(service, language, say),
        *_terms(service, language, say),
        *_room(match, now, say),
        *_safety(match, language, say),
        *_unknown(match, say),
    ]
    if day := service.checked_on():
        lines.append(say("card/checked_on", date=day_words(day, language)))
    return "\n".join(line for line in lines if line)


def _head(match: Match, language: str, say: Say) -> list[str]:
    organisation, service = match.organisation, match.service
    title = say(
        "card/name",
        organisation=pick(organisation.name, language) or organisation.id,
        service=pick(service.name, language) or service.id,
    )
    lines = [title]
    if organisation.demo or service.demo:
        lines.append(say("card/demo"))
    lines.append(pick(service.description, language))
    reasons = [said for word in match.reasons if (said := _reason(word, say))][:REASONS]
    if reasons:
        lines.append(say("card/reasons", reasons=", ".join(reasons)))
    return lines


def _reason(word: str, say: Say) -> str:
    """A reason that the rest of the card does not show by itself."""
    kind, _, rest = word.partition(":")
    if kind == "language":
        staff = rest.endswith(":staff")
        return say("card/reason.language_staff" if staff else "card/reason.language_interpreter")
    if kind == "kilometres" and int(rest) <= NEAR_KM:
        return say("card/reason.near")
    if kind == "population":
        return say("card/reason.population")
    if kind == "capacity" and rest == "open":
        return say("card/reason.capacity")
    return say("card/reason.remote") if word == "remote" else ""


def _notice(service: Service, language: str, now: datetime, say: Say) -> list[str]:
    """What is different these days, with its last day."""
    notice = notice_today(service, now.date())
    if notice is None:
        return []
    return [say("card/notice", date=day_words(notice.until, language), notice=pick(notice.text, language))]


def _what_to_do(service: Service, language: str, say: Say) -> list[str]:
    if step := pick(service.next_step, language):
        return [say("card/next_step", step=step)]
    ways = ("warm_only",) if "warm_only" in service.access else service.access
    return [say(f"card/access_{way}") for way in ways]


def _contact(match: Match, language: str, now: datetime, say: Say, tier: Visibility) -> list[str]:
    service = match.service
    disputed, today = withheld(service, tier), now.date()
    lines = [say("card/disagree.phones")] if "phones" in disputed else []
    for phone in shown_phones(service, tier):
        number = say("card/phone", number=phone.number)
        label = pick(phone.label, language)
        line = f"{number} ({label})" if label else number
        lines.append(dated(line, checked_long_ago(service, "phones", today), language, say))
    if (website := service.website or match.organisation.website) and "website" not in service.contested:
        lines.append(say("card/website", website=website))
    address = shown_address(service, tier)
    if "address" in disputed:
        lines.append(say("card/disagree.address"))
    elif address:
        where = say("card/address", address=address.text)
        lines.append(dated(where, checked_long_ago(service, "address", today), language, say))
        if match.where and (place := pick(_first_names(match), language)) and place not in address.text:
            lines.append(say("card/place", place=place))
        lines += [say("card/distance", km=km) for km in _kilometres(match) if km]
    elif service.is_shelter or service.address or (service.visits and not match.visit):
        lines.append(say("card/address_by_helper"))
    return lines


def _kilometres(match: Match) -> list[int]:
    return [int(word.partition(":")[2]) for word in match.reasons if word.startswith("kilometres:")]


def _first_names(match: Match) -> dict[str, str]:
    names = match.where.names if match.where else {}
    return {code: listed[0] for code, listed in names.items() if listed}


def _languages(service: Service, language: str, say: Say) -> list[str]:
    if not service.languages:
        return [say("card/language_unknown")]
    offers = sorted(service.languages, key=lambda offer: base(offer.code) != base(language))
    names = [
        language_name(offer.code, language)
        if offer.by == "staff"
        else say("card/by_interpreter", language=language_name(offer.code, language))
        for offer in offers
    ]
    return [say("card/languages", languages=", ".join(names))]


def _terms(service: Service, language: str, say: Say) -> list[str]:
    lines = [say(f"card/cost_{service.cost}"), say(f"card/documents_{service.documents}")]
    if note := pick(service.documents_note, language):
        lines.append(say("card/documents_note", note=note))
    if ages := _ages(service, say):
        lines.append(ages)
    if what := pick(service.not_offered, language):
        lines.append(say("card/not_offered", what=what))
    return lines


def _ages(service: Service, say: Say) -> str:
    low, high = service.age or (None, None)
    if low and high is not None:
        return say("card/age_between", youngest=low, oldest=high)
    if high is not None:
        return say("card/age_to", oldest=high)
    return say("card/age_from", youngest=low) if low else ""


def _room(match: Match, now: datetime, say: Say) -> list[str]:
    state = capacity_today(match.service.capacity, now.date())
    lines = []
    if state in {"full", "waiting list"}:
        lines.append(say(f"card/capacity_{state.replace(' ', '_')}"))
    return lines + [say(f"card/relaxed.{name}") for name in ("place", "language") if name in match.relaxed]


def _safety(match: Match, language: str, say: Say) -> list[str]:
    safety = match.service.safety
    asked = {word.removeprefix("safety:") for word in match.reasons if word.startswith("safety:")}
    lines = [
        say(f"card/safety.{name}.{safety.of(name)}")
        for name, answers in SAID_WHEN.items()
        if safety.of(name) in answers or (name in asked and safety.of(name) != "unknown")
    ]
    if when := pick(safety.must_report_when, language):
        lines.append(say("card/must_report_when", when=when))
    return lines


def _unknown(match: Match, say: Say) -> list[str]:
    """What nobody knows and the card has not said yet."""
    said = {name for name, answers in SAID_WHEN.items() if "unknown" in answers}
    return [
        say(f"card/{word.replace(':', '.')}.unknown")
        for word in match.unknown
        if word.startswith("safety:") and word.removeprefix("safety:") not in said
    ]


def language_name(code: str, language: str) -> str:
    """What the language `code` is called in `language`; the code itself when nobody says."""
    found = locale_of(language).languages
    english = Locale("en").languages
    for name in (code.replace("-", "_"), base(code)):
        if word := found.get(name) or english.get(name):
            return str(word)
    return code
