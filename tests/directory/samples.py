"""Records to test with: a small vocabulary, three places, and one service that may be offered."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.directory.matching import Directory
from bot.directory.model import (
    CHECKLIST,
    Attribute,
    Capacity,
    Hours,
    LanguageOffer,
    Need,
    Network,
    Organisation,
    Phone,
    Place,
    Population,
    Postal,
    Safety,
    Service,
    Taxonomy,
    Vetting,
    Visit,
)
from bot.nlu.normalise import fold

TODAY = date(2026, 11, 20)  # a Friday
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ONE_DAY = timedelta(days=1)

TAXONOMY = Taxonomy(
    needs={
        "legal_asylum": Need("legal_asylum", {"en": "Lawyers"}),
        "shelter": Need("shelter", {"en": "Shelter"}),
        "gbv": Need("gbv", {"en": "Violence"}),
        "sexual_violence": Need("sexual_violence", {"en": "After"}, parent="gbv"),
    },
    populations={
        "lgbtiq": Population("lgbtiq", {"en": "LGBTIQ+"}),
        "trans": Population("trans", {"en": "trans"}, parent="lgbtiq"),
        "women": Population("women", {"en": "women"}),
        "men": Population("men", {"en": "men"}),
        "minor": Population("minor", {"en": "minor"}, age=(0, 17)),
    },
    attributes={"lgbtiq_led": Attribute("lgbtiq_led", {"en": "led by"}, "lgbtiq_led", "yes")},
)

PLACES = (
    Place("RS", "country", "RS", {"en": ("Serbia",), "sr": ("Srbija",)}),
    Place("PT", "country", "PT", {"en": ("Portugal",)}),
    Place(
        "rs-beograd", "city", "RS", {"en": ("Belgrade",), "sr": ("Beograd",)}, parent="RS", at=(44.81, 20.46)
    ),
    Place("rs-krnjaca", "camp", "RS", {"sr": ("Krnjača",)}, parent="rs-beograd", at=(44.84, 20.50)),
    Place("rs-nis", "city", "RS", {"sr": ("Niš",)}, parent="RS", at=(43.32, 21.90)),
    Place("pt-lisboa", "city", "PT", {"en": ("Lisbon",), "pt": ("Lisboa",)}, parent="PT", at=(38.72, -9.14)),
)

VETTED = Vetting(
    "vetted",
    ("vetter-a", "vetter-b"),
    TODAY - 20 * ONE_DAY,
    TODAY + 200 * ONE_DAY,
    checklist=dict.fromkeys(CHECKLIST, "yes"),
)

SERVICE = Service(
    id="legal",
    name={"en": "Free lawyers", "sr": "Besplatni advokati"},
    needs=("legal_asylum",),
    populations=("lgbtiq",),
    age=(18, None),
    languages=(LanguageOffer("sr"), LanguageOffer("fa", "interpreter")),
    cost="free",
    documents="none",
    safety=Safety(
        {
            "shares_with_authorities": "no",
            "asks_legal_status": "no",
            "sogiesc_trained": "yes",
            "trans_competent": "unknown",
        }
    ),
    access=("phone", "walk_in"),
    phones=(Phone("+381 11 000 0000", "public"),),
    address=Postal("Demo street 1", "rs-beograd", "matched"),
    hours=Hours("Mo-Fr 09:00-17:00; PH off", "Europe/Belgrade", "RS"),
    areas=("RS",),
    next_step={"en": "Call and ask for a lawyer"},
    not_offered={"en": "a place to sleep"},
    capacity=Capacity("open", TODAY),
    vetting=VETTED,
)


def an_organisation(*services: Service, ident: str = "rs-lantern", country: str = "RS") -> Organisation:
    return Organisation(ident, {"en": ident.removeprefix("rs-").title()}, country, services=services)


def a_service(ident: str = "legal", **changes: object) -> Service:
    return replace(SERVICE, id=ident, **changes)  # type: ignore[arg-type]  # each test names fields of Service


def a_visit(
    first: date, last: date | None = None, hours: str = "10:00-14:00", place: str = "rs-nis"
) -> Visit:
    return Visit(place, first, last or first, Hours(hours, "Europe/Belgrade", "RS"))


def a_directory(organisations: Iterable[Organisation], network: Network | None = None) -> Directory:
    return Directory.build(organisations, TAXONOMY, PLACES, network or Network(), fold=fold)


def only(*services: Service) -> Directory:
    """A directory with each service in an organisation of its own."""
    return a_directory(
        an_organisation(service, ident=f"rs-{number}") for number, service in enumerate(services)
    )


def offered(directory: Directory, **asked: object) -> list[str]:
    from bot.directory.matching import Query

    query = Query(**{"need": "legal_asylum", "limit": 99, **asked})  # type: ignore[arg-type]  # as in a_service
    return [match.service.id for match in directory.match(query, NOW).matches]
