"""The parts of an HSDS service as ours: phones, place, hours, areas, languages, cost, papers, room."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from babel import Locale

from bot.directory.hours import ZONES, fault_in, zone_exists
from bot.directory.hsds.objects import PLACE_SCHEME
from bot.directory.hsds.records import Record
from bot.directory.hsds.schedules import written
from bot.directory.hsds.terms import Said
from bot.directory.model import (
    Capacity,
    CapacityState,
    Cost,
    Documents,
    Hours,
    LanguageOffer,
    Phone,
    Postal,
    Spoken,
    Texts,
)
from bot.directory.places import Places
from bot.directory.reading import LANGUAGE_CODE

_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()/.\-]*[0-9]", re.ASCII)
_PHONE_DIGITS: Final = range(2, 18)
_BY: Final[dict[str, Spoken]] = {"staff": "staff", "interpreter": "interpreter", "phone": "phone"}
_COST: Final[dict[str, Cost]] = {"free": "free", "sliding": "sliding", "paid": "paid"}
_ROOM: Final[dict[str, CapacityState]] = {"open": "open", "waiting list": "waiting list", "full": "full"}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)
_NOT_VOICE: Final = frozenset({"fax", "tty", "textphone"})


@dataclass(frozen=True, slots=True)
class Taken:
    """What holds for everything of one organisation: its country, the language of its texts, whether it is an export of ours.

    In an export of ours all is public. What others give is shown to no more people than a file here would by itself.
    """

    places: Places
    country: str
    language: str
    ours: bool


def take_phones(organisation: Record, record: Record, taken: Taken) -> tuple[Phone, ...]:
    """The numbers of a service, of its place, else of its organisation."""
    there = record.all("service_at_locations")
    locations = [location for one in there for location in one.all("location")]
    listed = [*record.all("phones")]
    listed += [phone for one in (*there, *locations) for phone in one.all("phones")]
    found: dict[str, Phone] = {}
    for phone in listed or organisation.all("phones"):
        number = phone.get("number")
        digits = sum(letter.isdigit() for letter in number)
        if phone.get("type").lower() in _NOT_VOICE or not _PHONE.fullmatch(number):
            continue
        if digits in _PHONE_DIGITS:
            said = phone.get("description")
            if extension := phone.get("extension"):
                said = f"{said} ({extension})".strip()
            label = Said.by(phone).texts("label", said, taken.language)
            found.setdefault(number, Phone(number, "public" if taken.ours else "matched", label))
    return tuple(found.values())


def take_address(record: Record, taken: Taken) -> Postal | None:
    """The first physical address of a service."""
    for there in record.all("service_at_locations"):
        for location in there.all("location"):
            for address in location.all("addresses"):
                place = _place(location, address, taken)
                if taken.ours:
                    return Postal(address.get("address_1"), place, "public")
                lines = [address.get(name) for name in ("address_1", "address_2", "postal_code", "city")]
                if text := ", ".join(line for line in lines if line):
                    return Postal(text, place)
    return None


def _place(location: Record, address: Record, taken: Taken) -> str:
    ours = location.get("external_identifier")
    if location.get("external_identifier_type") == PLACE_SCHEME and taken.places.known(ours):
        return ours
    city = address.get("city")
    return (taken.places.resolve(city) or "") if city and not taken.ours else ""


def take_hours(record: Record, taken: Taken) -> Hours | None:
    """Opening hours: in OpenStreetMap's words where a row has them, else made from weekly rows."""
    rows = [*record.all("schedules")]
    for there in record.all("service_at_locations"):
        rows += [
            *there.all("schedules"),
            *(row for one in there.all("location") for row in one.all("schedules")),
        ]
    for row in rows:
        said, zone = row.get("description"), row.get("notes")
        if said and zone_exists(zone) and not fault_in(said):
            return Hours(said, zone, taken.country)
    zone = ZONES.get(taken.country, "")
    weekly = [row for row in rows if row.get("opens_at") and row.get("freq") in {"", "WEEKLY"}]
    if not zone or not weekly or len(weekly) != len(rows):
        return None
    made = written(
        (tuple(row.get("byday").replace(" ", "").split(",")), row.get("opens_at"), row.get("closes_at"))
        for row in weekly
    )
    return Hours(made, zone, taken.country) if made and not fault_in(made) else None


def take_areas(record: Record, taken: Taken) -> tuple[str, ...]:
    """Where it serves, as far as we know the places; the organisation's own country needs no saying."""
    found: dict[str, None] = {}
    for area in record.all("service_areas"):
        for word in (area.get("extent"), area.get("name")):
            place = (
                word if word and taken.places.known(word) else taken.places.resolve(word) if word else None
            )
            if place:
                found[place] = None
                break
    return () if tuple(found) == (taken.country,) else tuple(found)


def take_languages(record: Record) -> tuple[LanguageOffer, ...]:
    """The languages spoken, by code or by their English name."""
    found: dict[str, LanguageOffer] = {}
    for language in record.all("languages"):
        code = language.get("code")
        if not LANGUAGE_CODE.fullmatch(code):
            code = _codes().get((language.get("name") or code).casefold(), "")
        if code:
            found.setdefault(code, LanguageOffer(code, _BY.get(language.get("note"), "staff")))
    return tuple(found.values())


def _codes() -> dict[str, str]:
    names = Locale("en").languages.items()
    found = {str(name).casefold(): str(code).replace("_", "-") for code, name in names}
    return {name: code for name, code in found.items() if LANGUAGE_CODE.fullmatch(code)}


def take_cost(record: Record) -> Cost:
    """What it costs, as far as an option says so in a word or as nought."""
    for option in record.all("cost_options"):
        if word := _COST.get(option.get("option").lower()):
            return word
        amount = option.get("amount")
        if _NUMBER.fullmatch(amount):
            return "paid" if float(amount) else "free"
    return "unknown"


def take_documents(record: Record, said: Said, taken: Taken) -> tuple[Documents, Texts]:
    """Whether they want papers, and which."""
    word = said.detail("documents")
    note = said.texts("documents_note", "", taken.language)
    if taken.ours:
        return ("none" if word == "none" else "some" if word == "some" else "unknown"), note
    listed = [one.get("document") for one in record.all("required_documents") if one.get("document")]
    if not listed:
        return "unknown", {}
    if {one.casefold() for one in listed} <= {"none", "no documents"}:
        return "none", {}
    return "some", {taken.language: "; ".join(listed)}


def take_capacity(record: Record) -> Capacity:
    """Whether there is room, and when somebody said so."""
    for room in record.all("capacities"):
        day = room.get("updated")[:10]
        if not _DAY.fullmatch(day) or not _NUMBER.fullmatch(room.get("available")):
            continue
        try:
            on = date.fromisoformat(day)
        except ValueError:
            continue
        state = _ROOM.get(room.get("description"))
        return Capacity(state or ("open" if float(room.get("available")) else "full"), on)
    return Capacity()
