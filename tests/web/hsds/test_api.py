"""`/hsds/`: what HSDS requires and what it makes optional, with pages, filters, languages and tags."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.directory.hsds.vocabulary import organisation_id, service_id, taxonomy_id, term_id
from bot.directory.matching import Directory
from bot.web.hsds import schemas, shelf
from tests.directory.hsds.world import CANARY, canaries, full
from tests.directory.samples import ONE_DAY, TODAY, a_directory, an_organisation
from tests.web.hsds.desk import HERE, LOCAL, PublicDesk

NOBODY = "00000000-0000-4000-8000-000000000000"
LISTS = ("/services", "/organizations", "/taxonomies", "/taxonomy_terms", "/service_at_locations")


def three() -> Directory:
    """Two organisations with three services."""
    lawyers = full("legal", name={"en": "Free lawyers", "sr": "Besplatni advokati"})
    night = full("night", name={"en": "A voice at night"}, needs=("gbv",), populations=(), address=None)
    talk = full("talk", name={"en": "Somebody to talk to"}, needs=("sexual_violence",), sources=())
    harbour = an_organisation(replace(talk, capacity=night.capacity), ident="rs-harbour")
    return a_directory([an_organisation(lawyers, night), harbour])


@pytest.fixture
async def desk() -> AsyncIterator[PublicDesk]:
    made = PublicDesk(three())
    yield made
    await made.client.aclose()


@pytest.fixture
async def secrets() -> AsyncIterator[PublicDesk]:
    made = PublicDesk(canaries())
    yield made
    await made.client.aclose()


async def test_the_root_says_which_hsds_it_speaks_and_where_its_description_is(desk: PublicDesk) -> None:
    told = await desk.told("/")

    assert told["version"] == "3.1"
    assert told["openapi_url"] == f"{HERE}/hsds/openapi.json"
    assert (await desk.told("/openapi.json"))["openapi"].startswith("3.1")
    moved = await desk.get("")
    assert (moved.status_code, moved.headers["location"]) == (308, "/hsds/")


async def test_what_was_suspended_meanwhile_is_gone_with_the_next_call(desk: PublicDesk) -> None:
    release = desk.content.directory
    night = next(one for one in release.organisations["rs-lantern"].services if one.id == "night")
    suspended = replace(night, vetting=replace(night.vetting, state="suspended"))
    assert "A voice at night" in await desk.names("/services")

    desk.content.directory = release.as_it_stands({"rs-lantern/night": suspended}, ())

    assert "A voice at night" not in await desk.names("/services")
    assert (await desk.get(f"/services/{service_id('rs-lantern', 'night')}")).status_code == 404


async def test_without_a_public_address_the_root_names_the_port_that_was_asked() -> None:
    here = PublicDesk(canaries(), public=None)

    assert (await here.told("/"))["openapi_url"] == f"{LOCAL}/hsds/openapi.json"
    assert (await here.told("/openapi.json"))["servers"] == [{"url": LOCAL}]
    await here.client.aclose()


async def test_each_service_of_the_list_is_found_by_its_id(desk: PublicDesk) -> None:
    listed = (await desk.told("/services"))["contents"]

    assert [one["name"] for one in listed] == ["Somebody to talk to", "Free lawyers", "A voice at night"]
    for one in listed:
        whole = await desk.told(f"/services/{one['id']}")
        assert {name: whole[name] for name in one if name != "organization"} == {
            name: value for name, value in one.items() if name != "organization"
        }
        assert whole["attributes"]
        assert "attributes" not in one


@pytest.mark.parametrize("path", LISTS)
async def test_every_list_has_pages_and_every_item_its_own_address(desk: PublicDesk, path: str) -> None:
    whole = await desk.told(path, per_page=100)
    pages = [await desk.told(path, per_page=1, page=number) for number in range(1, whole["total_items"] + 1)]

    assert whole["total_items"] > 1
    assert [one["id"] for page in pages for one in page["contents"]] == [
        one["id"] for one in whole["contents"]
    ]
    assert [page["first_page"] for page in pages] == [True] + [False] * (len(pages) - 1)
    assert [page["last_page"] for page in pages] == [False] * (len(pages) - 1) + [True]
    assert (pages[0]["total_pages"], pages[0]["size"], pages[0]["empty"]) == (len(pages), 1, False)
    beyond = await desk.told(path, page=1000)
    assert (beyond["contents"], beyond["empty"], beyond["last_page"]) == ([], True, True)
    for one in whole["contents"]:
        assert (await desk.told(f"{path}/{one['id']}"))["id"] == one["id"]
    nobody = await desk.get(f"{path}/{NOBODY}")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "hsds.unknown")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "lawyer"}, ["legal"]),
        ({"search": "besplatni avdokati"}, ["legal"]),
        ({"search": "xylophone"}, []),
        ({"taxonomy_term_id": term_id("needs", "legal_asylum")}, ["legal"]),
        ({"taxonomy_term_id": term_id("needs", "gbv")}, ["talk", "night"]),
        ({"taxonomy_term_id": term_id("needs", "sexual_violence")}, ["talk"]),
        ({"taxonomy_term_id": term_id("populations", "lgbtiq")}, ["talk", "legal"]),
        ({"taxonomy_term_id": NOBODY}, []),
        ({"taxonomy_id": taxonomy_id("populations")}, ["talk", "legal"]),
        ({"taxonomy_id": NOBODY}, []),
        ({"organization_id": organisation_id("rs-lantern")}, ["legal", "night"]),
        (
            {"organization_id": organisation_id("rs-lantern"), "taxonomy_id": taxonomy_id("populations")},
            ["legal"],
        ),
        ({"modified_after": TODAY.isoformat()}, ["legal", "night"]),
        ({"modified_after": f"{TODAY + ONE_DAY}T00:00:00+05:00"}, ["legal", "night"]),
        ({"modified_after": f"{TODAY + ONE_DAY}T00:00:00Z"}, []),
    ],
)
async def test_filters_leave_what_fits_all_of_them(
    desk: PublicDesk, asked: dict[str, str], found: list[str]
) -> None:
    told = await desk.told("/services", minimal=True, **asked)
    ids = {service_id("rs-harbour", "talk"): "talk"} | {
        service_id("rs-lantern", name): name for name in ("legal", "night")
    }

    assert [ids[one["id"]] for one in told["contents"]] == found
    there = await desk.told("/service_at_locations", **asked)
    assert [ids[one["service_id"]] for one in there["contents"]] == [
        name for name in found if name != "night"
    ]


async def test_minimal_is_everything_on_one_page_and_hardly_anything_of_each(desk: PublicDesk) -> None:
    told = await desk.told("/services", minimal=True, per_page=1)

    assert (told["total_items"], told["total_pages"], told["size"]) == (3, 1, 3)
    assert {name for one in told["contents"] for name in one} == {"id", "name", "status", "last_modified"}


async def test_full_is_each_as_it_is_by_itself(desk: PublicDesk) -> None:
    for path in ("/services", "/service_at_locations"):
        for one in (await desk.told(path, full=True))["contents"]:
            assert one == await desk.told(f"{path}/{one['id']}")
    [first, *_] = (await desk.told("/organizations", full_service=True))["contents"]
    assert first == await desk.told(f"/organizations/{first['id']}", full_service=True)
    assert first["services"][0]["attributes"]
    assert "attributes" not in (await desk.told(f"/organizations/{first['id']}"))["services"][0]


async def test_terms_are_found_by_taxonomy_parent_and_words(desk: PublicDesk) -> None:
    needs = {"taxonomy_id": taxonomy_id("needs"), "per_page": 100}

    assert await desk.names("/taxonomy_terms", **needs) == ["Lawyers", "Shelter", "Violence", "After"]
    assert await desk.names("/taxonomy_terms", top_only=True, **needs) == ["Lawyers", "Shelter", "Violence"]
    assert await desk.names("/taxonomy_terms", parent_id=term_id("needs", "gbv")) == ["After"]
    assert await desk.names("/taxonomy_terms", parent_id=NOBODY) == []
    assert await desk.names("/taxonomy_terms", search="lawy") == ["Lawyers"]
    assert await desk.names("/taxonomies", search="needs") == ["Fener needs"]
    assert await desk.names("/organizations", search="harb") == ["Harbour"]


async def test_all_of_a_list_can_come_line_by_line(desk: PublicDesk) -> None:
    answer = await desk.get("/services", format="ndjson", per_page=1, full=True)

    assert answer.headers["content-type"] == "application/x-ndjson"
    found = [schemas.Service.model_validate_json(line) for line in answer.text.splitlines()]
    assert [one.name for one in found] == ["Somebody to talk to", "Free lawyers", "A voice at night"]


@pytest.mark.parametrize(
    ("asked", "header", "language"),
    [
        ({}, "", "en"),
        ({"lang": "sr"}, "en", "sr"),
        ({"lang": "sr-Latn"}, "", "sr"),
        ({"lang": "fr"}, "sr", "en"),
        ({}, "fr, sr;q=0.8, en;q=0.9", "en"),
        ({}, "sr;q=0.9, en;q=0.8, *;q=0.1", "sr"),
        ({}, "sr;q=0, ;;;q=9, \x7f", "en"),
    ],
)
async def test_the_language_is_the_one_asked_for_as_far_as_anything_is_said_in_it(
    desk: PublicDesk, asked: dict[str, Any], header: str, language: str
) -> None:
    answer = await desk.get("/services", {"accept-language": header}, search="lawyers", **asked)

    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "accept-language"
    [one] = answer.json()["contents"]
    assert one["name"] == {"en": "Free lawyers", "sr": "Besplatni advokati"}[language]


async def test_who_has_an_answer_already_is_told_so_until_it_changes(desk: PublicDesk) -> None:
    first = await desk.get("/services")
    tag = first.headers["etag"]

    for given in (tag, f'"x", W/{tag}', "*"):
        again = await desk.get("/services", {"if-none-match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    desk.content.directory = a_directory([an_organisation(full("legal"))])
    assert (await desk.get("/services", {"if-none-match": tag})).status_code == 200


async def test_a_vetting_that_lapses_takes_its_service_away_at_midnight(desk: PublicDesk) -> None:
    assert (await desk.told("/services"))["total_items"] == 3

    desk.clock.time += 201 * ONE_DAY

    assert (await desk.told("/services"))["total_items"] == 0
    assert (await desk.get(f"/services/{service_id('rs-lantern', 'legal')}")).status_code == 404
    assert (await desk.told("/organizations"))["empty"] is True


@pytest.mark.parametrize(
    "asked",
    [
        {"page": "0"}, {"page": "x"}, {"per_page": "101"}, {"per_page": "-1"}, {"taxonomy_id": "x"}, {"lang": "<b>"},
        {"format": "xml"}, {"modified_after": "yesterday"}, {"modified_after": "1700000000"}, {"full": "maybe"},
        {"search": "x" * 101}, {"proximity": "5"}, {"modified_after": "2026-13-01"},
    ],
)  # fmt: skip
async def test_a_question_that_is_not_one_of_ours_is_refused_without_repeating_it(
    desk: PublicDesk, asked: dict[str, Any]
) -> None:
    answer = await desk.get("/services", **asked)

    assert answer.status_code == 422
    assert answer.json()["code"] == "request.malformed"
    assert next(iter(asked.values())) not in answer.json()["mend"] or next(iter(asked.values())) in "x0"


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-01t10:00:00z"]
)
async def test_no_moment_is_too_far(desk: PublicDesk, moment: str) -> None:
    assert (await desk.get("/services", modified_after=moment)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/nowhere", f"/{CANARY}", "/services/", f"/services/{CANARY}", "//services"]
)
async def test_what_is_not_there_is_said_in_json_and_not_repeated(desk: PublicDesk, path: str) -> None:
    answer = await desk.get(path)

    assert answer.status_code in {404, 422}
    assert set(answer.json()) == {"code", "mend"}
    assert CANARY not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_changed(desk: PublicDesk, method: str) -> None:
    answer = await desk.client.request(method, "/hsds/services", json={})

    assert (answer.status_code, answer.json()["code"]) == (405, "hsds.method")


async def test_any_page_may_read_and_no_cookie_is_ever_set(desk: PublicDesk) -> None:
    for path in ("/services", "/", "/openapi.json", "/nowhere"):
        headers = (await desk.get(path, {"origin": "https://other.example.org"})).headers
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["cache-control"] == "no-cache"
        assert "access-control-allow-credentials" not in headers
        assert "set-cookie" not in headers


async def test_too_many_calls_have_to_wait_a_minute_whoever_makes_them(
    desk: PublicDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "CALLS_A_MINUTE", 20)
    for _ in range(20):
        assert (await desk.get("/taxonomies")).status_code == 200
    answer = await desk.get("/taxonomies")
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["code"]) == (
        429,
        "60",
        "hsds.busy",
    )
    desk.seconds += 61
    assert (await desk.get("/taxonomies")).status_code == 200


async def test_whole_lists_are_fewer_in_a_minute_than_pages(desk: PublicDesk) -> None:
    for _ in range(shelf.WHOLE_LISTS_A_MINUTE):
        assert (await desk.get("/taxonomies", format="ndjson")).status_code == 200
    assert (await desk.get("/taxonomies", format="ndjson")).status_code == 429
    assert (await desk.get("/taxonomies")).status_code == 200


async def test_no_canary_leaves_by_any_address(secrets: PublicDesk) -> None:
    more: dict[str, Any] = {
        "/services": [{"full": True}, {"minimal": True}],
        "/organizations": [{"full_service": True}],
    }
    usual: Any = ({}, {"lang": "sr"}, {"format": "ndjson"}, {"search": CANARY})
    asked = [(path, each) for path in LISTS for each in (*usual, *more.get(path, []))]
    asked += [
        (f"{path}/{one['id']}", {})
        for path in LISTS
        for one in (await secrets.told(path, per_page=100))["contents"]
    ]
    seen = [
        (await secrets.get(path, **each)).text for path, each in [*asked, ("/", {}), ("/openapi.json", {})]
    ]
    hidden = [
        service_id("rs-lantern", name)
        for name in (
            "for-matched",
            "unvetted",
            "suspended",
            "paused",
            "fictitious",
            "shelter",
            "shelter-and-law",
        )
    ]
    hidden += [organisation_id("rs-unseen"), organisation_id("rs-fiction"), organisation_id("rs-refuge")]
    shelters = await secrets.told("/services", taxonomy_term_id=term_id("needs", "shelter"))

    said = "".join(seen)
    assert "Open street 1" in said
    assert CANARY not in said
    assert "+381 99" not in said
    assert "krnjaca" not in said.lower()
    assert not [ident for ident in hidden if ident in said]
    assert (shelters["total_items"], shelters["contents"]) == (0, [])
    assert (await secrets.told("/organizations"))["total_items"] == 1
    assert [(await secrets.get(f"/services/{ident}")).status_code for ident in hidden] == [404] * len(hidden)


async def test_conversations_go_on_while_a_large_directory_is_worked_out() -> None:
    import asyncio

    services = [full(f"s{number}") for number in range(800)]
    desk = PublicDesk(a_directory([an_organisation(*services)]))
    turns = 0

    async def converse() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    talking = asyncio.create_task(converse())
    assert (await desk.told("/services"))["total_items"] == 800
    talking.cancel()
    await desk.client.aclose()
    assert turns > 10
