"""One organisation under two names is found, two that only look alike are not, and ten thousand take no time."""

from pathlib import Path
from typing import Any, Final

import pytest

from bot.cli.main import main
from bot.content.directory_folder import load_directory
from bot.directory import duplicates
from bot.directory.duplicates import MOST_ALIKE, find_duplicates
from bot.directory.matching import Directory
from bot.directory.model import Organisation, Phone, Postal
from bot.kernel.problems import Mark
from bot.nlu.normalise import fold
from tests.directory.samples import a_directory, a_service
from tests.directory.test_parse import WHOLE, write

ROOT: Final = Path(__file__).parents[2]
BARE: Final[dict[str, Any]] = {"phones": (), "address": None}


def an_organisation(ident: str, name: str, **changes: object) -> Organisation:
    services = changes.pop("services", (a_service(**BARE),))
    at = {
        "": Mark(f"directory/{ident[:2]}/{ident}.yaml", 1, 1),
        "name": Mark(f"directory/{ident[:2]}/{ident}.yaml", 2, 1),
    }
    for service in services:  # type: ignore[attr-defined]  # each test gives a tuple of them
        object.__setattr__(service, "at", at)
    country = ident[:2].upper()
    return Organisation(ident, {"en": name}, country, services=services, at=at, **changes)  # type: ignore[arg-type]  # each test names fields


def found(*organisations: Organisation) -> list[tuple[str, str, tuple[str, ...]]]:
    directory = a_directory(organisations)
    return [(one.first, one.second, one.reasons) for one in find_duplicates(directory, fold=fold)]


@pytest.mark.parametrize(
    ("name", "other", "reason"),
    [
        ("Centar za pomoć", "Центар за помоћ", "the same name"),
        ("Lantern House", "LANTERN   house!", "the same name"),
        ("Lantern House of Belgrade", "Lantren House of Belgrade", "nearly the same name"),
        ("Belgrade Lantern House", "Lantern House, Belgrade", "nearly the same name"),
        ("Žene na putu", "Zene na putu", "the same name"),
    ],
)
def test_another_spelling_of_one_name_is_found(name: str, other: str, reason: str) -> None:
    assert found(an_organisation("rs-a", name), an_organisation("rs-b", other)) == [
        ("rs-a", "rs-b", (reason,))
    ]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Lantern House 1", "Lantern House 2"),
        ("Women on the Road", "Men on the Road"),
        ("Danas", "Dunas"),
        ("Harbour Legal Aid Network", "Harbour Health Aid Network"),
    ],
)
def test_names_that_only_look_alike_are_two(name: str, other: str) -> None:
    assert found(an_organisation("rs-a", name), an_organisation("rs-b", other)) == []


def test_offices_of_one_network_in_two_countries_are_two() -> None:
    site = "https://network.example.org"

    assert (
        found(
            an_organisation("rs-a", "Network", website=site), an_organisation("pt-a", "Network", website=site)
        )
        == []
    )


@pytest.mark.parametrize(
    ("site", "other", "same"),
    [
        ("https://www.lantern.example.org/sr/", "http://lantern.example.org", True),
        ("https://lantern.example.org/contact", "https://lantern.example.org", True),
        ("https://city.example.org/health", "https://city.example.org/asylum", False),
        ("https://facebook.com/lantern", "https://facebook.com/harbour", False),
        ("https://www.facebook.com/lantern", "https://facebook.com/lantern/", True),
    ],
)
def test_one_website_is_one_organisation_unless_many_share_it(site: str, other: str, same: bool) -> None:
    pair = found(
        an_organisation("rs-a", "Lantern", website=site), an_organisation("rs-b", "Quay", website=other)
    )

    assert bool(pair) == same


def test_one_phone_in_two_spellings_is_found_and_an_emergency_number_is_not() -> None:
    def calling(*numbers: str) -> dict[str, object]:
        return {"services": (a_service(phones=tuple(Phone(one) for one in numbers), address=None),)}

    pairs = found(
        an_organisation("rs-a", "Lantern", **calling("+381 11 2457-376", "112")),
        an_organisation("rs-b", "Quay", **calling("011/2457376", "112")),
        an_organisation("rs-c", "Pier", **calling("112", "0800 1")),
    )
    assert pairs == [("rs-a", "rs-b", ("the phone +381112457376",))]


def test_two_services_at_one_address_with_one_need_are_found_across_organisations() -> None:
    def at(street: str, **more: Any) -> dict[str, object]:
        return {"services": (a_service(address=Postal(street, "rs-beograd"), phones=(), **more),)}

    pairs = found(
        an_organisation("rs-a", "Lantern", **at("Ulica Sime 14, 11000 Beograd")),
        an_organisation("rs-b", "Quay", **at("Улица Симе 14, Београд 11000")),
        an_organisation("rs-c", "Pier", **at("Ulica Sime 14, 11000 Beograd", needs=("shelter",))),
        an_organisation("rs-d", "Dock", **at("Ulica Sime 16, 11000 Beograd")),
    )
    assert pairs == [("rs-a/legal", "rs-b/legal", ("the same address", "the need legal_asylum"))]


def test_one_service_twice_in_an_organisation_is_found() -> None:
    services = (
        a_service("legal", **BARE), a_service("lawyers", **BARE), a_service("other", name={"en": "Free doctors"}, **BARE),
        a_service("gone", status="tombstone", **BARE), a_service("sleep", needs=("shelter",), **BARE),
    )  # fmt: skip

    assert found(an_organisation("rs-a", "Lantern", services=services)) == [
        ("rs-a/legal", "rs-a/lawyers", ("the same name", "the need legal_asylum"))
    ]


def test_who_says_that_they_are_two_is_believed_and_what_is_closed_is_no_duplicate() -> None:
    closed = (a_service(status="tombstone", **BARE),)

    assert (
        found(an_organisation("rs-a", "Lantern"), an_organisation("rs-b", "Lantern", differs_from=("rs-a",)))
        == []
    )
    assert (
        found(an_organisation("rs-a", "Lantern"), an_organisation("rs-b", "Lantern", services=closed)) == []
    )
    assert found(an_organisation("rs-a", "Lantern"), an_organisation("rs-b", "Lantern", demo=True)) == []


def test_the_shipped_directory_has_no_false_alarm() -> None:
    directory, _ = load_directory(ROOT, fold=fold)

    assert directory is not None
    assert find_duplicates(directory, fold=fold) == []


def many(count: int) -> Directory:
    """Organisations with names of a few common words, and one pair of twins among them."""
    words = [
        f"{first}{last}"
        for first in ("lan", "har", "qua", "pie", "doc", "rov")
        for last in ("tern", "bour", "lity", "rine")
    ]
    organisations = []
    for at in range(count):
        name = f"{words[at % 24]} {words[at // 24 % 24]} centre {chr(97 + at % 26)}{at}"
        phone = Phone(f"+381 11 {at:07}")
        address = Postal(f"Street {at}", "rs-beograd")
        organisations.append(
            an_organisation(f"rs-{at}", name, services=(a_service(phones=(phone,), address=address),))
        )
    twin = a_service(phones=(Phone("+381 11 0000007"),), address=None)
    return a_directory([*organisations, an_organisation("rs-twin", "Someone Else", services=(twin,))])


def test_one_pair_is_found_among_many_and_few_pairs_are_looked_at() -> None:
    count = 2000
    directory = many(count)
    pairs = find_duplicates(directory, fold=fold)
    names = [duplicates._names(one.name, fold) for one in directory.organisations.values()]

    assert [(one.first, one.second) for one in pairs] == [("rs-7", "rs-twin")]
    assert len(duplicates._sharing(duplicates._parts(known) for known in names)) < count * MOST_ALIKE


def test_the_command_and_the_check_say_both_and_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)  # no fener.toml there
    twin = "organisation: rs-twin\nname: Демо центар Фењер\ncountry: RS\n"
    write(tmp_path, {**WHOLE, "rs/rs-twin.yaml": twin})
    said = (
        "directory/rs/rs-twin.yaml:2:1: D313 warning: 'rs-twin' and 'rs-lantern' may be the same organisation: the same name\n"
        "  mend: keep one and write 'status: tombstone' in the other; if they are two, write 'differs_from: [rs-lantern]' here\n"
    )

    assert main(["directory", "duplicates", "--content", str(tmp_path)]) == 0
    assert capsys.readouterr().out == said + "1 to look at.\n"
    main(["check", "--content", str(tmp_path)])
    assert said in capsys.readouterr().out
    main(["directory", "duplicates", "--json", "--content", str(tmp_path)])
    assert '"second": "rs-twin"' in capsys.readouterr().out
