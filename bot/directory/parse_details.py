"""The parts of a service's record: languages, safety, phones, address, hours, room, notice, vetting, sources."""

import re
from typing import Final, cast

from bot.directory.hours import ZONES, fault_in, has_holidays, names_holidays, zone_exists
from bot.directory.model import (
    CHECKLIST,
    TIERS,
    Answer,
    Capacity,
    CapacityState,
    Hours,
    LanguageOffer,
    Notice,
    Phone,
    Postal,
    Safety,
    Source,
    Spoken,
    Vetting,
    VettingState,
    Visibility,
)
from bot.directory.reading import ID, LANGUAGE_CODE, Reader, is_nothing
from bot.directory.record_format import (
    ACCESS,
    ADDRESS,
    CAPACITY,
    HOURS,
    LANGUAGE,
    NOTICE,
    PHONE,
    ROOM,
    SOURCE,
    SPOKEN,
    VETTING,
    VETTING_STATES,
    names_of,
)
from bot.directory.vetting import VETTERS_NEEDED, vetters
from bot.kernel.problems import Fields, Node, Scalar

LONGEST_NOTICE: Final = 160  # characters

_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()/.\-]*[0-9]", re.ASCII)
_PHONE_DIGITS: Final = range(2, 18)


def read_website(read: Reader, node: Node | None) -> str:
    """A web address, or empty."""
    url = read.text(node, "website")
    if node is not None and url and not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", url):
        read.fault("D115", node.mark, f"'{url[:60]}' is not a web address", "start it with https://")
        return ""
    return url


def read_visibility(read: Reader, node: Node | None, default: Visibility) -> Visibility:
    """Who may see a detail; `default` when it does not say."""
    return cast("Visibility", read.choice(node, "visibility", TIERS, default))


def read_languages(read: Reader, node: Node | None) -> tuple[LanguageOffer, ...]:
    """The languages offered, each once; a bare code means staff."""
    found: dict[str, LanguageOffer] = {}
    for item in read.items(node, "languages"):
        code, by = item, "staff"
        if isinstance(item, Fields):
            read.fields(item, "a language", names_of(LANGUAGE))
            code = read.required(item, "code", "a language") or item
            by = read.choice(item.get("by"), "by", SPOKEN, "staff")
        if not isinstance(code, Scalar) or not LANGUAGE_CODE.fullmatch(code.value):
            mend = "write the two or three letter code, such as en, sr, fa, ckb"
            read.fault("D110", code.mark, "this is not a language code", mend)
        elif code.value in found:
            read.fault("D113", code.mark, f"languages names '{code.value}' twice", "keep one")
        else:
            found[code.value] = LanguageOffer(code.value, cast("Spoken", by))
    return tuple(found.values())


def read_safety(read: Reader, node: Node | None) -> Safety:
    """What is known about dangers; `must report when` also answers `must_report`."""
    answers: dict[str, Answer] = {}
    when = {}
    for key, value in read.mapping(node, "safety"):
        name = key.value.replace(" ", "_")
        if name != "must_report_when":
            answers[name] = read.answer(value, f"safety: {key.value}")
        elif isinstance(value, Scalar) and value.value in {"no", "unknown"}:
            answers["must_report"] = cast("Answer", value.value)
        elif when := dict(read.texts(value, key.value)):
            answers["must_report"] = "yes"
    return Safety(answers, when)


def read_access(read: Reader, node: Node | None) -> tuple[str, ...]:
    """The ways in."""
    return tuple(read.choice(item, "access", ACCESS, "") for item in read.items(node, "access"))


def read_phones(read: Reader, node: Node | None) -> tuple[Phone, ...]:
    """Phone numbers; one without a visibility is shown to people whose need matched."""
    found = []
    for item in read.items(node, "phones"):
        fields = item
        if isinstance(item, Scalar):
            fields = Fields(((Scalar("number", item.mark), item),), item.mark)
        fields = read.fields(fields, "a phone", names_of(PHONE))
        number = read.text(at := read.required(fields, "number", "a phone"), "number")
        digits = sum(letter.isdigit() for letter in number)
        if at is not None and not (_PHONE.fullmatch(number) and digits in _PHONE_DIGITS):
            read.fault(
                "D109", at.mark, f"'{number[:40]}' is not a phone number", "write it like +381 11 000 0000"
            )
        shown = read_visibility(read, fields.get("visibility"), "matched")
        found.append(Phone(number, shown, read.texts(fields.get("label"), "label")))
    return tuple(found)


def read_address(read: Reader, node: Node | None) -> Postal | None:
    """Where it is; one without a visibility is for caseworkers."""
    if node is None or is_nothing(node):
        return None
    fields = read.fields(node, "an address", names_of(ADDRESS))
    return Postal(
        text=read.text(fields.get("text"), "text"),
        place=read.ident(fields.get("place"), "place"),
        visibility=read_visibility(read, fields.get("visibility"), "caseworker"),
    )


def read_hours(read: Reader, node: Node | None, country: str, *, key: str = "open") -> Hours | None:
    """Opening hours under `key`, with their zone; a bare text uses the country's zone.

    `holidays` names the country whose public holidays count where the organisation's own has no calendar.
    """
    if node is None or is_nothing(node):
        return None
    fields = node
    if isinstance(node, Scalar):
        fields = Fields(((Scalar(key, node.mark), node),), node.mark)
    fields = read.fields(fields, "hours", (key, *names_of(HOURS[1:])))
    written = read.required(fields, key, "hours")
    read.text(fields.get("note"), "note")
    zone_node = fields.get("zone")
    zone = read.text(zone_node, "zone") or ZONES.get(country, "")
    if written is None:
        return None
    if not zone:
        read.fault("D108", fields.mark, "these hours name no time zone", "add 'zone: Europe/Belgrade'")
        return None
    hours = Hours(read.text(written, key), zone, _holidays(read, fields.get("holidays")) or country)
    zoned = zone_exists(zone)
    if not zoned:
        at = zone_node.mark if zone_node else fields.mark
        message = f"'{zone[:40]}' is not a time zone"
        read.fault("D108", at, message, "write an IANA name such as Europe/Belgrade")
    if why := fault_in(hours.open):
        mend = "write it like 'Mo-Fr 09:00-17:00; PH off'"
        read.fault("D107", written.mark, f"these opening hours are {why}", mend)
    elif names_holidays(hours) and not has_holidays(hours.country) and not read.failed:
        message = f"nobody lists the public holidays of {hours.country or 'no country'}: cards say that hours may differ then"
        mend = "add 'holidays: AL' with a country that keeps the same ones, where there is one"
        read.fault("D120", written.mark, message, mend, "warning")
    return hours if zoned and not why else None


def _holidays(read: Reader, node: Node | None) -> str:
    """The country whose public holidays count, or empty."""
    country = read.text(node, "holidays")
    if node is not None and country and not has_holidays(country):
        message = f"nobody lists the public holidays of '{country[:40]}'"
        read.fault("D111", node.mark, message, "write the code of a country that has a calendar, such as RS")
        return ""
    return country


def read_capacity(read: Reader, node: Node | None) -> Capacity:
    """Whether there is room, and when somebody said so."""
    fields = read.fields(node, "capacity", names_of(CAPACITY)) if node else None
    if fields is None:
        return Capacity()
    state = read.choice(fields.get("state"), "capacity", ROOM, "unknown")
    read.text(fields.get("note"), "note")
    on = read.day(fields.get("on"), "on")
    if is_nothing(fields.get("on")) and state != "unknown":
        read.fault(
            "D116",
            fields.mark,
            "capacity has no day, so it counts as unknown",
            "add 'on: 2026-11-20'",
            "warning",
        )
    return Capacity(cast("CapacityState", state), on)


def read_vetting(read: Reader, node: Node | None) -> Vetting:
    """Who vouches; a record without it is unverified."""
    if node is None or is_nothing(node):
        return Vetting()
    fields = read.fields(node, "vetting", names_of(VETTING))
    written = read.required(fields, "state", "vetting")
    state = read.choice(written, "vetting state", VETTING_STATES, "unverified")
    by = tuple(read.text(item, "by") for item in read.items(fields.get("by"), "by"))
    vetting = Vetting(
        state=cast("VettingState", state),
        by=by,
        on=read.day(fields.get("on"), "on"),
        expires=read.day(fields.get("expires"), "expires"),
        evidence=read.texts(fields.get("evidence"), "evidence"),
        checklist=_checklist(read, fields.get("checklist")),
    )
    if vetting.state == "vetted":
        _incomplete(read, fields, vetting)
    return vetting


def _checklist(read: Reader, node: Node | None) -> dict[str, Answer]:
    """What the vetters did, point by point; what is not written is unknown."""
    if node is None or is_nothing(node):
        return {}
    fields = read.fields(node, "a checklist", CHECKLIST)
    return {
        key.value.replace(" ", "_"): read.answer(value, f"checklist: {key.value}") for key, value in fields
    }


def _incomplete(read: Reader, fields: Fields, vetting: Vetting) -> None:
    if vetters(vetting) < VETTERS_NEEDED:
        at = fields.get("by") or fields
        message = "vetted by fewer than two different people, so it is not offered"
        read.fault("D116", at.mark, message, "let a second vetter look and add their name to 'by'", "warning")
    if is_nothing(fields.get("expires")):
        message = "vetted without an end, so it is not offered"
        read.fault("D116", fields.mark, message, "add 'expires:' with a day at most a year ahead", "warning")
    if failed := [point for point, answer in vetting.checklist.items() if answer == "no"]:
        at = fields.get("checklist") or fields
        message = f"vetted although the checklist says no to {', '.join(failed)}, so it is not offered"
        read.fault("D116", at.mark, message, "do what is missing first, then write yes", "warning")
    if vetting.on and vetting.expires and vetting.expires < vetting.on:
        at = fields.get("expires") or fields
        read.fault("D106", at.mark, "the vetting ends before it begins", "write a later day")


def read_notice(read: Reader, node: Node | None) -> Notice | None:
    """What is different these days; it must say until when."""
    if node is None or is_nothing(node):
        return None
    fields = read.fields(node, "a notice", names_of(NOTICE))
    text = read.texts(read.required(fields, "text", "a notice"), "notice")
    until = read.day(read.required(fields, "until", "a notice"), "until")
    for language, words in text.items():
        if len(words) > LONGEST_NOTICE:
            message = f"the notice in '{language}' has {len(words)} characters"
            read.fault("D119", fields.mark, message, f"say it in {LONGEST_NOTICE} at most")
    return Notice(text, until) if text and until else None


def read_replacement(read: Reader, node: Node | None) -> str:
    """What took the place of a service: an organisation, or one of its services."""
    word = read.text(node, "replaced by")
    parts = word.split("/")
    if node is not None and word and not (len(parts) <= 2 and all(ID.fullmatch(part) for part in parts)):  # noqa: PLR2004 - organisation/service
        mend = "write the id of an organisation, or organisation/service"
        read.fault("D118", node.mark, f"replaced by '{word[:40]}' is not a usable name", mend)
        return ""
    return word


def read_sources(read: Reader, node: Node | None) -> tuple[Source, ...]:
    """Where the record was read."""
    found = []
    for item in read.items(node, "sources"):
        fields = read.fields(item, "a source", names_of(SOURCE))
        found.append(
            Source(
                field=read.text(read.required(fields, "field", "a source"), "field"),
                source=read.text(read.required(fields, "source", "a source"), "source"),
                checked_on=read.day(fields.get("checked_on"), "checked on"),
                value=read.text(fields.get("value"), "value"),
                quote=read.text(fields.get("quote"), "quote"),
                page_date=read.text(fields.get("page_date"), "page date"),
                note=read.text(fields.get("note"), "note"),
                conflict=read.flag(fields.get("conflict"), "conflict"),
            )
        )
    return tuple(found)
