"""The directory in the console: who sees and does what, what the week means, and that nothing sent breaks it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.directory.hsds.vocabulary import service_id
from bot.directory.matching import Query
from bot.directory.model import CHECKLIST
from bot.kernel.ids import Pseudonym
from bot.usecases.act_on_service import Vetter
from bot.web.application import application
from bot.web.console.service_schemas import CapacityValue, OpenServiceOut
from tests.usecases.house import DEMO, OTHER, House
from tests.web.test_console_api import HERE, OF_ONE_SERVICE, Console, _running, filled

API = "/console/api"
OURS = f"{API}/directory/{DEMO}/legal"
THEIRS = f"{API}/directory/{OTHER}/lawyer-north"
SOMEBODY = Pseudonym("p" * 64)
WORD = {"evidence": "visited, policy read", "checklist": list(CHECKLIST)}


@pytest.fixture
async def console(house: House) -> AsyncIterator[Console]:
    await house.founded()
    bounded = application(house.fener, _running)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bounded), base_url=HERE) as client:
        yield Console(house, client, bounded._app)  # the routes are what is tested


class Desk:
    """Somebody signed in."""

    def __init__(self, console: Console, token: str) -> None:
        self.console, self.token = console, token

    async def get(self, path: str) -> httpx.Response:
        return await self.console.call("GET", path, token=self.token)

    async def post(self, path: str, body: object) -> httpx.Response:
        return await self.console.call("POST", path, body, self.token)


async def somebody(console: Console, role: str, *, organisation: str = DEMO, alias: str = "Ana") -> Desk:
    worker = await console.house.applicant(alias, organisation=organisation, role=role)
    return Desk(console, await console.token(worker))


async def offered(house: House) -> list[str]:
    query = Query("legal_asylum", place="RS", limit=50, demo=True)
    found = (await house.fener.services.directory.now()).match(query, house.clock.now()).matches
    return [f"{match.organisation.id}/{match.service.id}" for match in found]


async def test_an_editor_sees_every_service_with_its_state_and_what_there_is_to_do(console: Console) -> None:
    editor = await somebody(console, "directory-editor")
    await console.house.fener.services.flag(SOMEBODY, f"{OTHER}/lawyer-north")

    told = (await editor.get(f"{API}/directory")).json()

    assert told["whole"] is True
    rows = {f"{row['organisation']}/{row['service']}": row for row in told["services"]}
    assert rows[f"{DEMO}/legal"] | {"expires": ""} == {
        "organisation": DEMO,
        "service": "legal",
        "organisation_name": "Lantern Demo Centre",
        "name": "Free lawyers",
        "country": "RS",
        "demo": True,
        "own": True,
        "status": "active",
        "state": "vetted",
        "expires": "",
        "offered": True,
        "todo": [],
    }
    assert rows[f"{OTHER}/lawyer-north"]["todo"][0]["what"] == "flagged"
    assert rows["rs-apc-cza/services"]["state"] == "unverified"
    assert rows["rs-apc-cza/services"]["offered"] is False


@pytest.mark.parametrize(("left", "mark"), [(31, None), (30, 30), (14, 14), (3, 3)])
async def test_an_editor_is_told_in_how_many_days_a_vetting_lapses(
    console: Console, left: int, mark: int | None
) -> None:
    clock = console.house.clock
    services = (await console.house.fener.services.directory.now()).organisations[DEMO].services
    expires = next(one.vetting.expires for one in services if one.id == "legal")
    assert expires is not None
    clock.move(minutes=24 * 60 * ((expires - clock.now().date()).days - left))
    editor = await somebody(console, "directory-editor")

    told = (await editor.get(f"{API}/directory")).json()

    row = next(row for row in told["services"] if (row["organisation"], row["service"]) == (DEMO, "legal"))
    lapses = [one["mark"] for one in row["todo"] if one["what"] == "lapses"]
    assert lapses == ([] if mark is None else [mark])
    assert row["offered"] is True


async def test_two_editors_of_other_organisations_make_a_service_offered(console: Console) -> None:
    house = console.house
    unverified = f"{API}/directory/rs-apc-cza/services"
    ana = await somebody(console, "directory-editor")
    bo = await somebody(console, "directory-editor", organisation=OTHER, alias="Bo")
    first = await ana.post(f"{unverified}/vet", WORD)
    told = OpenServiceOut.model_validate(first.json())
    assert (told.proposed_by, told.proposed_mine) == (f"Ana ({DEMO})", True)
    again = await ana.post(f"{unverified}/vet", WORD)
    assert (again.status_code, again.json()["code"]) == (409, "vetting.same")
    assert "rs-apc-cza/services" not in await offered(house)

    second = await bo.post(f"{unverified}/vet", WORD)

    told = OpenServiceOut.model_validate(second.json())
    assert told.listed.state == "vetted"
    assert told.vetted_by == (f"Ana ({DEMO})", f"Bo ({OTHER})")
    assert told.vetted_on == house.clock.now().date()
    assert [event["kind"] for event in second.json()["history"]] == ["proposed", "vetted"]
    assert "rs-apc-cza/services" in await offered(house)


async def test_nobody_vouches_for_or_puts_back_what_their_own_organisation_runs_but_may_take_it_out(
    console: Console,
) -> None:
    lead = await somebody(console, "lead")
    public = f"/hsds/services/{service_id(DEMO, 'legal')}"
    refused = await lead.post(f"{OURS}/vet", WORD)
    assert (refused.status_code, refused.json()["code"]) == (403, "vetting.own")
    shown = (await console.client.get(public)).status_code
    gone = await lead.post(f"{OURS}/suspend", {"reason": "a report"})
    assert gone.json()["listed"]["state"] == "suspended"
    assert f"{DEMO}/legal" not in await offered(console.house)
    assert (shown, (await console.client.get(public)).status_code) == (200, 404)
    own = await lead.post(f"{OURS}/reinstate", {"reason": "all is well"})
    assert (own.status_code, own.json()["code"]) == (403, "vetting.own")
    focal = await somebody(console, "focal-point", organisation=OTHER, alias="Fio")

    assert (await focal.post(f"{OURS}/reinstate", {"reason": "looked into it"})).status_code == 200
    assert f"{DEMO}/legal" in await offered(console.house)


async def test_a_focal_point_suspends_what_was_reported_or_lets_it_stand(console: Console) -> None:
    focal = await somebody(console, "focal-point")
    flag = console.house.fener.services.flag
    await flag(SOMEBODY, f"{OTHER}/lawyer-north")
    assert (await focal.get(THEIRS)).json()["listed"]["todo"][0]["what"] == "flagged"
    stands = await focal.post(f"{THEIRS}/dismiss", {"reason": "asked both sides"})
    assert stands.json()["listed"]["todo"] == []
    await flag(SOMEBODY, f"{OTHER}/lawyer-north")
    await focal.post(f"{THEIRS}/suspend", {"reason": "a second report"})

    assert f"{OTHER}/lawyer-north" not in await offered(console.house)


@pytest.mark.parametrize("deed", ["vet", "suspend", "reinstate", "dismiss", "safety/agree", "safety/decline"])
async def test_what_decides_about_the_offer_needs_a_signature_of_the_last_minutes(
    console: Console, deed: str
) -> None:
    lead = await somebody(console, "lead")
    console.house.clock.move(minutes=5, seconds=1)

    answer = await lead.post(f"{THEIRS}/{deed}", {})

    assert (answer.status_code, answer.json()["code"]) == (403, "login.stale")
    assert (await lead.get(THEIRS)).status_code == 200


async def test_a_preview_says_what_the_week_means_and_shows_the_card_in_every_language(
    console: Console,
) -> None:
    editor = await somebody(console, "directory-editor")
    values = {
        "hours": {"open": "Mo-Fr 10:00-14:00; PH off", "zone": "Europe/Belgrade"},
        "notice": {"text": {"en": "Ring twice"}, "until": "2026-11-30"},
    }

    told = (await editor.post(f"{OURS}/preview", {"values": values})).json()

    assert told["faults"] == []
    assert told["week"][0] == {"day": "2026-11-20", "spans": [["10:00", "14:00"]], "unsure": False}
    assert told["week"][1]["spans"] == []
    cards = {card["language"]: card for card in told["cards"]}
    assert set(cards) == set(console.house.library.catalogue.languages.codes)
    assert "Until November 30, 2026: Ring twice" in cards["en"]["text"]
    assert cards["ar"]["direction"] == "rtl"
    assert await console.house.rows("directory_ledger") == []


async def test_a_fault_names_its_field_and_its_mend_and_never_what_was_sent(console: Console) -> None:
    editor = await somebody(console, "directory-editor")
    values = {
        "hours": {"open": "canary whenever", "zone": "Europe/Belgrade"},
        "phones": [{"number": "canary"}],
        "capacity": {"state": "open"},
    }

    preview = await editor.post(f"{OURS}/preview", {"values": values})
    change = await editor.post(f"{OURS}/change", {"values": values, "source": "our desk"})

    assert [(fault["field"], fault["code"]) for fault in preview.json()["faults"]] == [
        ("hours", "D107"),
        ("capacity", "D116"),
        ("phones", "D109"),
    ]
    assert preview.json()["cards"] == []
    assert (change.status_code, change.json()["code"]) == (400, "change.value")
    assert "canary" not in preview.text + change.text
    assert await console.house.rows("directory_ledger") == []


async def test_a_change_counts_at_once_and_says_who_told(console: Console) -> None:
    editor = await somebody(console, "directory-editor")
    values = {
        "capacity": {"state": "full", "on": "2026-11-20"},
        "phones": [{"number": "+381 11 000 0009", "visibility": "public", "label": {"en": "desk"}}],
        "notice": None,
    }

    told = (await editor.post(f"{OURS}/change", {"values": values, "source": "our desk"})).json()

    weekly = OpenServiceOut.model_validate(told).weekly
    assert weekly.capacity == CapacityValue(state="full", on=console.house.clock.now().date())
    assert weekly.phones is not None
    assert weekly.phones[0].number == "+381 11 000 0009"
    assert told["sources"][0] == {
        "fact": "phones",
        "source": "our desk",
        "checked_on": "2026-11-20",
        "value": "",
        "conflict": False,
    }
    assert f"{DEMO}/legal" not in await offered(console.house)
    same = await editor.post(f"{OURS}/change", {"values": values, "source": "our desk"})
    assert (same.status_code, same.json()["code"]) == (409, "change.same")
    foreign = await editor.post(f"{THEIRS}/change", {"values": values, "source": "our desk"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "change.foreign")


async def test_numbers_that_an_editor_may_not_see_stay_when_they_change_the_others(console: Console) -> None:
    house = console.house
    who = Vetter("Operator")
    phones = [{"number": "+381 1 0000"}, {"number": "+381 2 0000", "visibility": "internal"}]
    await house.fener.services.change("rs-apc-cza/services", who, "phones", phones, source="they called")
    editor = await somebody(console, "directory-editor")
    path = f"{API}/directory/rs-apc-cza/services"
    seen = (await editor.get(path)).json()["weekly"]["phones"]
    assert [phone["number"] for phone in seen] == ["+381 1 0000"]
    await editor.post(
        f"{path}/change", {"values": {"phones": [{"number": "+381 3 0000"}]}, "source": "a page"}
    )
    current = await house.fener.services.directory.current()
    standing = current.standings["rs-apc-cza/services"]

    assert [phone.number for phone in standing.service.phones] == ["+381 3 0000", "+381 2 0000"]


async def test_a_safety_answer_waits_until_somebody_of_another_organisation_agrees(console: Console) -> None:
    editor = await somebody(console, "directory-editor")
    other = await somebody(console, "lead", organisation=OTHER, alias="Bo")
    asked = {"word": "records_calls", "answer": "yes", "source": "our desk"}
    waiting = (await editor.post(f"{OURS}/safety", asked)).json()
    assert waiting["waiting"][0] | {"day": ""} == {
        "word": "records_calls",
        "answer": "yes",
        "now": "unknown",
        "by": f"Ana ({DEMO})",
        "source": "our desk",
        "day": "",
        "mine": True,
    }
    refused = await editor.post(f"{OURS}/safety/agree", {"word": "records_calls"})
    assert refused.status_code == 403
    agreed = (await other.post(f"{OURS}/safety/agree", {"word": "records_calls"})).json()

    assert agreed["waiting"] == []
    assert agreed["safety"]["records_calls"] == "yes"
    gone = await other.post(f"{OURS}/safety/decline", {"word": "records_calls", "reason": "no"})
    assert (gone.status_code, gone.json()["code"]) == (409, "change.gone")


async def test_while_the_history_cannot_be_believed_the_console_says_so(console: Console) -> None:
    house = console.house
    await house.fener.services.suspend(f"{DEMO}/legal", Vetter("Ana"), "a report")
    auditor = await somebody(console, "auditor")
    await house.write("UPDATE directory_ledger SET mac = x'00'")
    await house.write("DELETE FROM directory_ledger")
    house.clock.move(seconds=3)

    told = (await auditor.get(f"{API}/directory")).json()
    opened = await auditor.get(OURS)

    assert told == {"whole": False, "services": []}
    assert (opened.status_code, opened.json()["code"]) == (503, "ledger.broken")


@pytest.mark.parametrize("name", ["rs-demo-lantern/nothing", "nobody/legal"])
async def test_a_service_that_is_not_there_is_refused_alike_everywhere(console: Console, name: str) -> None:
    lead = await somebody(console, "lead")
    for method, path, _ in filled(OF_ONE_SERVICE):
        body: object = {"reason": "x" * 9, **WORD} if method == "POST" else None
        answer = await console.call(method, path.replace(f"{OTHER}/legal", name), body, lead.token)
        assert answer.status_code in {404, 409, 422}, path


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
KEYS = ("values", "source", "reason", "evidence", "checklist", "expires", "word", "answer")
WEEKLY = (
    "hours",
    "capacity",
    "phones",
    "notice",
    "open",
    "zone",
    "state",
    "on",
    "number",
    "label",
    "text",
    "until",
)
SHAPED = st.dictionaries(
    st.sampled_from(KEYS), JSON | st.dictionaries(st.sampled_from(WEEKLY), JSON | st.dictionaries(st.sampled_from(WEEKLY), JSON))
)  # fmt: skip


@given(body=st.one_of(JSON, SHAPED), at=st.integers(0, 8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_sent_nothing_breaks_and_nothing_unvetted_is_offered(
    console: Console, body: object, at: int
) -> None:
    house = console.house
    rows = await house.fener.staff.register.of(DEMO)
    if not rows:
        console.token_of_lead = (await somebody(console, "lead")).token  # type: ignore[attr-defined]  # for all examples
    posts = [path for method, path, _ in filled(OF_ONE_SERVICE) if method == "POST"]
    path = posts[at].replace(f"{OTHER}/legal", "rs-apc-cza/services")
    answer = await console.call("POST", path, body, console.token_of_lead)  # type: ignore[attr-defined]  # see above

    assert answer.status_code < 500, (path, body)
    assert "rs-apc-cza/services" not in await offered(house)


@pytest.mark.parametrize(
    ("role", "path", "may"),
    [
        ("directory-editor", OURS, True),
        ("directory-editor", THEIRS, False),
        ("directory-editor", f"{API}/directory/rs-apc-cza/services", True),
        ("focal-point", OURS, False),
        ("auditor", OURS, False),
    ],
)
async def test_the_page_is_told_who_may_change_a_service(
    console: Console, role: str, path: str, *, may: bool
) -> None:
    worker = await somebody(console, role)

    assert OpenServiceOut.model_validate((await worker.get(path)).json()).editable is may
