"""The directory at run time: two people vouch, one suspends, anybody reports; and what a writer of the database gets."""

import asyncio
import json

import pytest

from bot.crypto.keys import KeyRoom
from bot.directory.matching import Query
from bot.directory.model import CHECKLIST
from bot.kernel.errors import ConflictError, RefusedError
from bot.kernel.ids import Pseudonym
from bot.storage.audit import SqlAuditTrail
from bot.storage.ledger import SqlDirectoryLedger
from bot.storage.memory import MemoryRateLimits
from bot.usecases.act_on_service import Vetter
from bot.usecases.flag_service import BY_ALL, BY_ONE
from bot.usecases.keep_directory import KeepDirectory
from bot.usecases.vet_service import Vouching
from tests.usecases.house import DEMO, House, Person

LEGAL = f"{DEMO}/legal"
UNVERIFIED = "rs-apc-cza/services"
ANA, BO = Vetter("Ana"), Vetter("Bo")
WORD = Vouching("visited, policy read", CHECKLIST)
QUERY = Query("legal_asylum", place="RS", limit=50, demo=True)


async def offered(house: House) -> list[str]:
    directory = await house.fener.services.directory.now()
    found = directory.match(QUERY, house.clock.now()).matches
    return [f"{match.organisation.id}/{match.service.id}" for match in found]


def beside(house: House) -> KeepDirectory:
    """What another process, or a command, does with the same database and keys."""
    fener = house.fener
    settings = fener.settings
    return KeepDirectory.over(
        lambda: house.library.directory,
        ledger=SqlDirectoryLedger(fener.database),
        audit=SqlAuditTrail(fener.database),
        keys=KeyRoom.open(settings.keys_path, "file", house.clock.now(), demo=True),
        limits=MemoryRateLimits(house.clock.monotonic),
        clock=house.clock,
    )


# --- two vetters --------------------------------------------------------------------------------------------


async def test_what_two_people_vouch_for_is_offered_and_what_one_suspends_is_gone(house: House) -> None:
    services = house.fener.services
    assert UNVERIFIED not in await offered(house)

    first = await services.vet(UNVERIFIED, ANA, WORD)
    assert first.proposed is not None
    assert UNVERIFIED not in await offered(house)
    second = await services.vet(UNVERIFIED, BO, WORD)
    assert second.service.vetting.by == ("Ana", "Bo")
    assert UNVERIFIED in await offered(house)
    await services.suspend(UNVERIFIED, ANA, "a report")
    assert UNVERIFIED not in await offered(house)
    await services.suspend.reinstate(UNVERIFIED, BO, "looked into it")
    assert UNVERIFIED in await offered(house)


@pytest.mark.parametrize(
    ("who", "word", "code"),
    [
        (ANA, WORD, "vetting.same"),
        (Vetter(" ana (x)"), WORD, "vetting.same"),
        (Vetter(""), WORD, "vetter.name"),
        (Vetter("x" * 81), WORD, "vetter.name"),
        (BO, Vouching("", CHECKLIST), "vetting.evidence"),
        (BO, Vouching("x" * 501, CHECKLIST), "vetting.evidence"),
        (BO, Vouching("visited", CHECKLIST[:-1]), "vetting.checklist"),
        (Vetter("Bo", "a" * 32, "rs-apc-cza"), WORD, "vetting.own"),
    ],
)
async def test_a_second_word_that_does_not_count_is_refused_and_changes_nothing(
    house: House, who: Vetter, word: Vouching, code: str
) -> None:
    await house.fener.services.vet(UNVERIFIED, ANA, WORD)
    with pytest.raises(RefusedError, match=code):
        await house.fener.services.vet(UNVERIFIED, who, word)

    assert len(await house.rows("directory_ledger")) == 1
    assert UNVERIFIED not in await offered(house)


async def test_an_end_lies_after_today_and_within_a_year(house: House) -> None:
    today = house.clock.now().date()
    for expires in (today, today.replace(year=today.year + 2)):
        with pytest.raises(RefusedError, match=r"vetting\.expires"):
            await house.fener.services.vet(UNVERIFIED, ANA, Vouching("visited", CHECKLIST, expires))


async def test_what_was_vouched_for_lapses_by_itself_after_six_months(house: House) -> None:
    for who in (ANA, BO):
        await house.fener.services.vet(UNVERIFIED, who, WORD)
    house.clock.move(days=183)
    assert UNVERIFIED in await offered(house)
    house.clock.move(days=1)
    assert UNVERIFIED not in await offered(house)


async def test_a_service_that_nobody_knows_is_refused(house: House) -> None:
    for name in ("rs-apc-cza/nothing", "nobody/services", "rs-apc-cza", ""):
        with pytest.raises(RefusedError, match=r"service\.unknown"):
            await house.fener.services.suspend(name, ANA, "a report")


async def test_each_deed_has_its_line_in_the_audit_of_who_did_it_or_neither_stands(house: House) -> None:
    worker = await house.caseworker("Ana")
    vetter = Vetter("Ana (rs-demo-lantern)", worker.row.id, DEMO)
    before = len(await house.rows("audit"))
    await house.fener.services.vet("rs-demo-harbour/lawyer-north", vetter, WORD)
    await house.fener.services.suspend("rs-demo-harbour/lawyer-north", vetter, "a report")
    await house.fener.services.suspend(
        LEGAL, BO, "a report"
    )  # the operator: in the chain of the organisation
    await house.fener.services.suspend(UNVERIFIED, BO, "a report")  # no member: only in the ledger

    lines = [json.loads(bytes(row["line"])) for row in (await house.rows("audit"))[before:]]  # type: ignore[call-overload]  # bytes
    assert [(line["event"], line["actor"], line["organisation"]) for line in lines] == [
        ("service.vouched", worker.row.id, DEMO),
        ("service.suspended", worker.row.id, DEMO),
        ("service.suspended", "operator", DEMO),
    ]
    assert all("lawyer-north" not in json.dumps(line) for line in lines)


async def test_a_member_changes_its_own_services_and_everybody_those_of_no_member(house: House) -> None:
    change = house.fener.services.change
    ours, theirs = Vetter("Ana", "a" * 32, DEMO), Vetter("Bo", "b" * 32, "rs-demo-harbour")
    full = {"state": "full", "on": "2026-11-20"}
    await change(LEGAL, ours, "capacity", full, source="our desk")
    await change(UNVERIFIED, theirs, "capacity", full, source="they called")
    with pytest.raises(RefusedError, match=r"change\.foreign"):
        await change(LEGAL, theirs, "capacity", {"state": "open", "on": "2026-11-20"}, source="they called")
    with pytest.raises(RefusedError, match=r"change\.same"):
        await change(LEGAL, ours, "capacity", full, source="our desk")
    with pytest.raises(RefusedError, match=r"change\.field"):
        await change(LEGAL, ours, "needs", ["shelter"], source="our desk")
    with pytest.raises(RefusedError, match=r"change\.value"):
        await change(LEGAL, ours, "hours", {"open": "whenever", "zone": "UTC"}, source="our desk")

    assert LEGAL not in await offered(house)


async def test_a_safety_answer_waits_for_a_second_person_of_another_organisation(house: House) -> None:
    change = house.fener.services.change
    ours, theirs = Vetter("Ana", "a" * 32, DEMO), Vetter("Bo", "b" * 32, "rs-demo-harbour")
    standing = await change.propose_safety(LEGAL, ours, "records_calls", "yes", source="our desk")
    [asked] = standing.waiting
    assert standing.service.safety.of("records_calls") == "unknown"
    for who, code in ((ours, "vetting.own"), (Vetter("ana"), "vetting.same")):
        with pytest.raises(RefusedError, match=code):
            await change.accept_safety(LEGAL, who, asked.position)
    after = await change.accept_safety(LEGAL, theirs, asked.position)

    assert after.service.safety.of("records_calls") == "yes"
    assert after.waiting == ()
    with pytest.raises(RefusedError, match=r"change\.gone"):
        await change.accept_safety(LEGAL, theirs, asked.position)
    with pytest.raises(RefusedError, match=r"change\.field"):
        await change.propose_safety(LEGAL, ours, "must_report", "no", source="our desk")


# --- the server follows -------------------------------------------------------------------------------------


async def test_every_process_follows_within_two_seconds(house: House) -> None:
    assert LEGAL in await offered(house)
    await beside(house).suspend(LEGAL, ANA, "a report")
    house.clock.move(seconds=2)

    assert LEGAL not in await offered(house)


TO_LAWYERS = ("hi", "1", "1", "I need a lawyer", "2", "1")


async def lawyers(house: House, address: str) -> str:
    """What somebody reads who asks for a lawyer in Serbia."""
    person = house.person(address)
    for text in TO_LAWYERS:
        await person.say(text)
    return person.heard[-1]


async def test_a_person_is_told_of_what_stands_now_and_not_of_what_was_released(house: House) -> None:
    assert "Lantern Demo Centre: Free lawyers" in await lawyers(house, "1")
    await house.fener.services.suspend(LEGAL, ANA, "a report")
    told = await lawyers(house, "2")
    assert "Lantern Demo Centre" not in told
    assert "Harbour Demo House" in told
    for name in await offered(house):
        await house.fener.services.suspend(name, ANA, "a report")

    assert "I have no checked lawyer for this place yet." in await lawyers(house, "3")


async def test_a_person_reads_that_a_reported_service_is_being_checked_and_the_others_come_first(
    house: House,
) -> None:
    await house.fener.services.flag(Pseudonym("p" * 64), "rs-demo-harbour/lawyer-north")
    told = await lawyers(house, "1")

    said = "Somebody reported a problem with this service. It is being checked."
    assert told.index("Lantern Demo Centre") < told.index("Harbour Demo House") < told.index(said)


async def test_the_turns_of_others_do_not_wait_for_each_others_looks(house: House) -> None:
    directories = await asyncio.gather(*(house.fener.services.directory.now() for _ in range(20)))

    assert len({id(each) for each in directories}) == 1


# --- what a writer of the database gets -----------------------------------------------------------------------

TAMPERINGS = [
    "DELETE FROM directory_ledger",
    "DELETE FROM directory_ledger WHERE position = 2",
    "DELETE FROM directory_ledger WHERE position = 0",
    "UPDATE directory_ledger SET line = replace(line, 'suspended', 'dismissed')",
    "UPDATE directory_ledger SET line = replace(line, 'Ana', 'Eve')",
    "UPDATE directory_ledger SET position = position + 1 WHERE position = 2",
    "UPDATE directory_ledger SET line = (SELECT line FROM directory_ledger WHERE position = 0) WHERE position = 2",
    "INSERT INTO directory_ledger SELECT position + 3, line, mac FROM directory_ledger WHERE position = 0",
    "UPDATE directory_ledger SET line = 'x' WHERE position = 1",
]


@pytest.mark.parametrize("tampering", TAMPERINGS)
@pytest.mark.parametrize("restarted", [False, True])
async def test_who_writes_the_database_brings_no_service_back(
    house: House, tampering: str, *, restarted: bool
) -> None:
    for who in (ANA, BO):
        await house.fener.services.vet(UNVERIFIED, who, WORD)
    await house.fener.services.suspend(LEGAL, ANA, "a report")
    before = await offered(house)
    assert LEGAL not in before
    await house.write(tampering)
    if restarted:
        await house.restart()
    house.clock.move(seconds=3)

    assert LEGAL not in await offered(house)
    if restarted or "position = 0" not in tampering:
        assert set(await offered(house)) <= set(before)
    if restarted:
        assert await offered(house) == []
        with pytest.raises(RefusedError, match=r"ledger\.broken"):
            await house.fener.services.suspend.reinstate(LEGAL, BO, "let me in")


async def test_while_the_keys_are_locked_what_nobody_saw_before_only_takes_away(house: House) -> None:
    await house.fener.services.suspend(LEGAL, ANA, "a report")
    heads = house.folder / "keys" / "directory-heads"
    seen = heads.read_bytes()
    await house.fener.services.suspend.reinstate(LEGAL, BO, "looked into it")
    await house.fener.services.suspend("rs-demo-harbour/lawyer-north", BO, "a report")
    heads.write_bytes(seen)  # as if another machine had written the last two
    closed = KeyRoom.closed(house.folder / "keys", demo=True)
    services = KeepDirectory.over(
        lambda: house.library.directory,
        ledger=SqlDirectoryLedger(house.fener.database),
        audit=SqlAuditTrail(house.fener.database),
        keys=closed,
        limits=MemoryRateLimits(house.clock.monotonic),
        clock=house.clock,
    )
    current = await services.directory.current()
    found = [match.organisation.id for match in current.directory.match(QUERY, house.clock.now()).matches]

    assert current.whole
    assert current.record.proven == 1
    assert DEMO not in found
    assert "rs-demo-harbour" not in found


async def test_a_restored_backup_is_believed_once_the_operator_says_so(house: House) -> None:
    await house.fener.services.suspend(LEGAL, ANA, "a report")
    await house.write("DELETE FROM directory_ledger")
    house.fener.keys.ledger_heads.forget("directory")  # what 'fener restore' does
    await house.restart()

    assert LEGAL in await offered(house)


# --- reports of people ----------------------------------------------------------------------------------------


async def test_a_report_keeps_the_service_and_the_hour_and_nothing_else(house: House) -> None:
    await house.fener.services.flag(Pseudonym("p" * 64), LEGAL)
    [row] = await house.rows("directory_ledger")
    line = json.loads(bytes(row["line"]))  # type: ignore[call-overload]  # bytes

    assert {name: value for name, value in line.items() if value not in ("", [], None)} == {
        "hour": int(house.clock.now().timestamp() // 3600),
        "kind": "flagged",
        "position": 0,
        "prev": "0" * 64,
        "service": LEGAL,
    }
    [match] = [
        each
        for each in (await house.fener.services.directory.now()).match(QUERY, house.clock.now()).matches
        if each.organisation.id == DEMO and each.service.id == "legal"
    ]
    assert match.flagged


async def test_a_second_report_of_what_nobody_looked_into_adds_nothing(house: House) -> None:
    flag = house.fener.services.flag
    for number in range(5):
        await flag(Pseudonym(str(number)), LEGAL)
    assert len(await house.rows("directory_ledger")) == 1
    await house.fener.services.suspend.dismiss(LEGAL, BO, "looked into it")
    await flag(Pseudonym("6"), LEGAL)

    assert len(await house.rows("directory_ledger")) == 3


def _every_service(house: House) -> list[str]:
    organisations = house.library.directory.organisations.values()
    return [f"{one.id}/{service.id}" for one in organisations for service in one.services]


async def test_nobody_empties_the_directory_by_reports(house: House) -> None:
    flag, names = house.fener.services.flag, _every_service(house)
    before = await offered(house)
    for name in names[:BY_ONE]:
        await flag(Pseudonym("one"), name)
    with pytest.raises(ConflictError, match=r"flag\.full"):
        await flag(Pseudonym("one"), names[BY_ONE])
    for number, name in enumerate(names[BY_ONE:BY_ALL]):
        await flag(Pseudonym(f"other {number}"), name)
    with pytest.raises(ConflictError, match=r"flag\.full"):
        await flag(Pseudonym("last"), names[BY_ALL])

    assert sorted(await offered(house)) == sorted(before)
    assert len(await house.rows("directory_ledger")) == BY_ALL


TO_REPORT = ("menu", "8", "3", "1")
"""From anywhere to "Who is it about?"."""


async def shown_and_reporting(house: House, address: str) -> Person:
    """Somebody who was shown lawyers and now says that something was wrong at one place."""
    person = house.person(address)
    for text in (*TO_LAWYERS, *TO_REPORT):
        await person.say(text)
    await person.choose("A place I was shown here")
    return person


async def test_a_person_reports_a_place_they_were_shown_and_the_next_one_reads_it(house: House) -> None:
    sam = await shown_and_reporting(house, "7712345678")
    assert "Harbour Demo House: Lawyer near the border" in sam.heard[-1]
    told = await sam.choose("Harbour Demo House: Lawyer near the border")

    assert "Noted." in told
    [row] = await house.rows("directory_ledger")
    assert sam.address not in str(row)
    assert "It is being checked." in await lawyers(house, "2")


async def test_who_was_shown_nothing_is_led_to_people_and_nothing_is_written(house: House) -> None:
    person = house.person("1")
    for text in ("hi", "1", "1", *TO_REPORT):
        await person.say(text)
    told = await person.choose("A place I was shown here")

    assert "It goes to people whose work is complaints" in told
    assert await house.rows("directory_ledger") == []


async def test_who_is_not_heard_is_told_so_and_led_to_people(house: House) -> None:
    names = [name for name in _every_service(house) if name != LEGAL]
    for number, name in enumerate(names[:BY_ALL]):
        await house.fener.services.flag(Pseudonym(f"other {number}"), name)
    before = len(await house.rows("directory_ledger"))
    sam = await shown_and_reporting(house, "1")
    told = await sam.choose("Lantern Demo Centre: Free lawyers")

    assert "I could not note it now. A person can hear it." in told
    assert "It goes to people whose work is complaints" in told
    assert len(await house.rows("directory_ledger")) == before


async def test_a_report_sent_twice_by_the_messenger_is_one_report(house: House) -> None:
    sam = await shown_and_reporting(house, "1")
    delivery = sam.delivery("1")
    for _ in range(3):
        await sam.take(delivery)

    assert len(await house.rows("directory_ledger")) == 1
