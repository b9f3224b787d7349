"""A package of a stranger costs neither the memory nor the day of who reads it, and loses nothing of anybody."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.content import json_marks
from bot.content.hsds_files import LARGEST_FILE, read_package
from bot.content.json_marks import read_json
from bot.directory.hsds.importing import drafts_of
from bot.directory.hsds.plan import plan_import
from bot.directory.hsds.records import Record, joined
from bot.kernel.problems import Mark
from bot.nlu.normalise import fold
from tests.directory.hsds.test_importing import PLACES, TERMS, as_nested
from tests.directory.samples import TAXONOMY, a_directory, a_service, an_organisation

NEED = next(iter(TAXONOMY.needs))


def house(*names: str, url: str = "") -> Any:
    map_it = {"taxonomy_term": {"id": "t", "code": "a-term", "name": "a-term"}}
    services = [
        {"id": f"s{at}", "name": name, "status": "active", "url": url, "attributes": [map_it]}
        for at, name in enumerate(names)
    ]
    return {"id": "o1", "name": "House", "services": services}


def drafts(package: Any) -> Any:
    terms = replace(TERMS, needs={"a-term": NEED})
    return drafts_of(as_nested([package]), terms, TAXONOMY, PLACES, fold=fold).drafts


def test_two_services_of_one_name_beside_a_third_that_is_here_are_all_kept() -> None:
    service = a_service("legal", name={"en": "Something else"})
    here = replace(an_organisation(service), name={"en": "House"})

    plan = plan_import(drafts(house("Legal", "Legal")), a_directory((here,)), fold=fold)

    assert [one.id for one in plan.services[here.id]] == ["legal-2", "legal-2-2"]


def test_thousands_of_services_of_one_name_get_ids_of_their_own() -> None:
    [draft] = drafts(house(*["Legal"] * 3000))
    idents = [service.id for service in draft.organisation.services]

    assert (idents[:2], idents[-1], len(set(idents))) == (["legal", "legal-2"], "legal-3000", 3000)


def test_an_address_longer_than_any_is_none_and_is_not_even_looked_through() -> None:
    [draft] = drafts(house("Short", "Long", url="https://a.example/" + "x" * 3000))
    [other] = drafts(house("Short", url="https://a.example/"))

    assert [one.website for one in draft.organisation.services] == ["", ""]
    assert other.organisation.services[0].website == "https://a.example/"


def test_a_file_of_nothing_but_brackets_is_refused_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_marks, "MAX_VALUES", 1000)

    node, [problem] = read_json(b"[" + b"{}," * 1000 + b"{}]", "x.json")

    assert (node, problem.code) == (None, "D601")
    assert "at once" in problem.message


def test_what_is_no_file_or_never_ends_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "organizations.csv")
    (tmp_path / "endless.json").symlink_to("/dev/zero")
    long = tmp_path / "long.json"
    with long.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)

    codes = [
        [one.code for one in read_package(path)[2]] for path in (tmp_path, tmp_path / "endless.json", long)
    ]

    assert codes == [["D601"], ["D601"], ["D607"]]


def test_what_many_rows_name_is_made_once() -> None:
    mark = Mark("x.csv", 1, 1)
    services = [Record(mark, {"id": f"s{at}", "organization_id": "o1"}) for at in range(2)]
    there = [Record(mark, {"id": f"t{at}", "service_id": f"s{at}", "location_id": "l1"}) for at in range(2)]
    rows = {
        "organization": [Record(mark, {"id": "o1"})],
        "service": services,
        "service_at_location": there,
        "location": [Record(mark, {"id": "l1"})],
    }
    [found], problems = joined(rows)

    one, other = [
        place.all("location")[0]
        for service in found.all("services")
        for place in service.all("service_at_locations")
    ]
    assert problems == []
    assert one is other
