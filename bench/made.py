"""A large directory made from our own vocabulary with a fixed seed: records to measure with, and their files."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from bot.directory.matching import Directory
from bot.directory.model import (
    Capacity,
    Hours,
    LanguageOffer,
    Organisation,
    Place,
    Postal,
    Safety,
    Service,
    Vetting,
)

_One = TypeVar("_One")

NOW: Final = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
FIRST: Final = ["Lantern", "Harbour", "Bridge", "River", "Garden", "Open", "Blue", "North", "Clear", "Quiet", "Green",
                "Safe", "New", "Old", "Rainbow", "Sun", "Stone", "Little", "Common", "Light"]  # fmt: skip
SECOND: Final = ["House", "Centre", "Line", "Room", "Clinic", "Door", "Hub", "Circle", "Point", "Network", "Table",
                 "Office", "Yard", "Group", "Project"]  # fmt: skip
SYLLABLES: Final = ["ba", "dor", "ve", "li", "man", "sa", "to", "kri", "ne", "mu", "fal", "ze", "go", "pi", "ras", "he", "lum",
                    "ta", "qui", "no"]  # fmt: skip
"""Of these each organisation has a name of its own, as real ones do; many still share it."""
WHAT: Final = ["Free lawyers", "Someone to talk to", "Tests", "Place for the night", "Evening line", "Open room",
               "Interpreters", "Hormone care", "Work advice", "School help"]  # fmt: skip
TIMES: Final = [
    "Mo-Fr 09:00-17:00; PH off",
    "24/7",
    "Mo-Su 17:00-23:00",
    "Tu,Th 10:00-16:00",
    "Mo-Sa 12:00-20:00",
]


class Draws:
    """Numbers that look drawn and are the same in every run."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._at = 0

    def below(self, limit: int) -> int:
        self._at += 1
        return int.from_bytes(sha256(f"{self._seed}/{self._at}".encode()).digest()[:6]) % limit

    def of(self, values: Sequence[_One]) -> _One:
        return values[self.below(len(values))]

    def some(self, values: Sequence[_One], most: int) -> tuple[_One, ...]:
        return tuple(dict.fromkeys(self.of(values) for _ in range(1 + self.below(most))))


def organisations(shipped: Directory, services: int) -> Iterator[Organisation]:
    """Organisations with two services each, `services` in all."""
    draws = Draws("fener")
    needs, groups = list(shipped.taxonomy.needs), list(shipped.taxonomy.populations)
    cities = [place for place in shipped.places.by_id.values() if place.kind == "city"]
    for number in range(services // 2):
        city = draws.of(cities)
        own = "".join(draws.of(SYLLABLES) for _ in range(3)).title()
        name = f"{own} {draws.of(SECOND)} {draws.of(FIRST)} {city.names['en'][0]}"
        listed = [_service(draws, f"s{at}", city, needs, groups) for at in range(2)]
        yield Organisation(f"org-{number:06}", {"en": name}, city.country, services=tuple(listed))


def _service(draws: Draws, ident: str, city: Place, needs: list[str], groups: list[str]) -> Service:
    return Service(
        id=ident,
        name={"en": draws.of(WHAT)},
        needs=draws.some(needs, 2),
        populations=draws.some(groups, 3) if draws.below(3) else (),
        age=(18, None) if draws.below(4) else None,
        languages=tuple(LanguageOffer(code) for code in draws.some(["sr", "en", "fa", "ar", "pt", "ur"], 3)),
        cost="free",
        documents=draws.of(["none", "some", "unknown"]),
        safety=Safety(
            {
                "sogiesc_trained": draws.of(["yes", "no", "unknown"]),
                "shares_with_authorities": draws.of(["no", "no", "unknown"]),
            }
        ),
        address=Postal("Demo street", city.id, "matched"),
        hours=Hours(draws.of(TIMES), "Europe/Belgrade", city.country),
        areas=(city.country,) if draws.below(2) else (city.id,),
        remote=not draws.below(4),
        capacity=Capacity(draws.of(["open", "full", "unknown"]), NOW.date() - timedelta(draws.below(30))),
        vetting=Vetting(
            "vetted", ("a", "b"), NOW.date() - timedelta(60), NOW.date() + timedelta(draws.below(300) - 30)
        ),
    )


def write_files(listed: Sequence[Organisation], folder: Path) -> None:
    """Write each organisation as its file in `folder`/directory."""
    for organisation in listed:
        path = folder / "directory" / organisation.country.lower() / f"{organisation.id}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(_lines(organisation)) + "\n", encoding="utf-8")


def _lines(organisation: Organisation) -> Iterator[str]:
    yield f"organisation: {organisation.id}"
    yield f"name: {{en: {organisation.name['en']}}}"
    yield f"country: {organisation.country}"
    yield "services:"
    for service in organisation.services:
        yield from _service_lines(service)


def _service_lines(service: Service) -> Iterator[str]:
    assert service.address is not None
    assert service.hours is not None
    yield f"  - service: {service.id}"
    yield f"    name: {{en: {service.name['en']}}}"
    yield f"    needs: [{', '.join(service.needs)}]"
    yield f"    populations: [{', '.join(service.populations)}]"
    yield f"    age: {'[18, null]' if service.age else '[null, null]'}"
    yield f"    languages: [{', '.join(f'{{code: {one.code}, by: {one.by}}}' for one in service.languages)}]"
    yield f"    cost: {service.cost}"
    yield f"    documents: {service.documents}"
    yield f"    safety: {{{', '.join(f'{word}: {answer}' for word, answer in service.safety.answers.items())}}}"
    yield f"    address: {{text: {service.address.text}, place: {service.address.place}, visibility: matched}}"
    yield f'    hours: {{open: "{service.hours.open}", zone: {service.hours.zone}}}'
    yield f"    areas: [{', '.join(service.areas)}]"
    yield f"    remote: {'yes' if service.remote else 'no'}"
    yield f"    capacity: {{state: {service.capacity.state}, on: {service.capacity.on}}}"
    vetting = service.vetting
    yield f"    vetting: {{state: vetted, by: [a, b], on: {vetting.on}, expires: {vetting.expires}}}"
