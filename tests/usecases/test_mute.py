"""A case that takes no more words for some hours: the person is not shut out, and nothing of them is kept for it."""

import pytest

from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk
from bot.storage.memory import MemoryReplays
from bot.storage.valkey import ValkeyReplays
from bot.storage.valkey_client import ValkeyClient, open_valkey
from bot.usecases.mute_case import MuteCase, Mutes
from tests.usecases.house import Caseworker, HandClock, House, Person
from tests.usecases.test_notes_to_colleagues import note_by

NOT_SENT = "This cannot be sent from here at the moment. Nothing was sent."


def muting(house: House) -> MuteCase:
    """As the web makes it."""
    fener = house.fener
    return MuteCase(
        mutes=Mutes(kept=fener.memory.replays, memory_key=fener.keys.memory_key),
        desk=SqlCaseDesk(fener.database),
        keys=fener.keys,
        staffing=fener.staffing,
        audit=SqlAuditTrail(fener.database),
        clock=house.clock,
    )


async def a_muted_case(house: House, hours: int = 2) -> tuple[Caseworker, Person, CaseId]:
    ana = await house.caseworker("Ana")
    sam = house.person()
    await sam.hand_over()
    case = (await house.case()).id
    await muting(house)(ana.row, case, hours)
    return ana, sam, case


async def words_of(worker: Caseworker, case: CaseId) -> list[str]:
    _, messages = await worker.read(case)
    return [message.text for message in messages]


async def test_words_do_not_go_into_a_muted_case_and_the_person_is_told_so_in_a_neutral_sentence(
    house: House,
) -> None:
    ana, sam, case = await a_muted_case(house)

    said = await sam.say("you are all useless")

    assert NOT_SENT in said
    assert "sos" in said
    assert "useless" not in str(await words_of(ana, case))


async def test_emergency_numbers_and_words_of_crisis_get_through_a_mute(house: House) -> None:
    ana, sam, case = await a_muted_case(house)

    assert NOT_SENT not in await sam.say("sos")
    await sam.say("person")
    said = await sam.say("I want to kill myself")

    assert NOT_SENT not in said
    assert "I want to kill myself" in await words_of(ana, case) or "112" in said


async def test_a_muted_person_can_leave_erase_and_read_on(house: House) -> None:
    _, sam, _ = await a_muted_case(house)

    for word in ("help", "menu", "language"):
        assert NOT_SENT not in await sam.say(word)
    assert NOT_SENT not in await sam.say("erase")


async def test_an_answer_still_reaches_a_muted_person(house: House) -> None:
    ana, sam, case = await a_muted_case(house)
    await sam.say("hello")

    sent = await ana.reply(case, "We write again tomorrow")

    assert sent.delivered
    assert "We write again tomorrow" in house.messenger.heard


async def test_a_mute_ends_by_itself(house: House) -> None:
    _, sam, _ = await a_muted_case(house, hours=1)
    for _ in range(13):
        house.clock.move(minutes=4)
        assert NOT_SENT in await sam.say("again")
    house.clock.move(minutes=8)

    assert NOT_SENT not in await sam.say("later")
    assert await muting(house).until(await house.case()) is None


async def test_a_mute_is_lifted(house: House) -> None:
    ana, sam, case = await a_muted_case(house)
    assert NOT_SENT in await sam.say("I am angry")

    await muting(house)(ana.row, case, 0)

    assert NOT_SENT not in await sam.say("I slept badly")
    assert "I slept badly" in await words_of(ana, case)


async def test_a_restart_forgets_every_mute(house: House) -> None:
    await a_muted_case(house, hours=24)
    assert await muting(house).until(await house.case()) is not None

    await house.restart()

    assert await muting(house).until(await house.case()) is None


async def test_nothing_in_the_database_says_whom_a_mute_is_about(house: House) -> None:
    ana, sam, case = await a_muted_case(house)
    before = {table: await house.rows(table) for table in ("cases", "envelopes", "notes", "seen")}

    await sam.say("and again")

    assert {table: await house.rows(table) for table in before} == before
    assert await muting(house).until(await house.case()) is not None
    lines = [str(row["line"]) for row in await house.rows("audit")]
    assert [line for line in lines if "case.muted" in line and ana.row.id in line and case in line]


async def test_what_is_kept_for_a_mute_says_neither_which_case_nor_until_when_and_is_gone_after_it() -> None:
    clock = HandClock()
    replays = MemoryReplays(clock.monotonic)
    mutes = Mutes(kept=replays, memory_key=b"k" * 32)
    now = int(clock.now().timestamp())
    await mutes.set(CaseId("one"), now=now, hours=1)
    await mutes.set(CaseId("two"), now=now, hours=2)
    [kept, *_] = replays._table._entries.items()
    assert b"one" not in kept[0] + kept[1].value
    assert (now + 3600).to_bytes(8, "big") not in kept[1].value
    assert await Mutes(kept=replays, memory_key=b"x" * 32).until(CaseId("one"), now) is None

    clock.move(hours=1, seconds=10)
    await replays.keep(b"something else", b"x", seconds=60)  # nobody asks for the mute again

    assert len(replays._table) == 2
    assert await mutes.until(CaseId("two"), now + 3610) == now + 7200
    await mutes.lift(CaseId("two"))
    assert len(replays._table) == 1


@pytest.mark.servers
async def test_a_mute_in_valkey_is_sealed_ends_by_itself_and_leaves_nothing(valkey_url: str) -> None:
    client = await open_valkey(valkey_url)
    mutes = Mutes(kept=ValkeyReplays(client), memory_key=b"k" * 32)
    await mutes.set(CaseId("one"), now=1000, hours=1)
    [key] = await keys_in(client)

    value = await client.call("GET", key)

    assert isinstance(value, bytes)
    assert (1000 + 3600).to_bytes(8, "big") not in value
    assert b"one" not in key
    left = await client.call("PTTL", key)
    assert isinstance(left, int)
    assert 0 < left <= 3600 * 1000
    await client.call("PEXPIRE", key, 0)  # its hour is over
    assert await keys_in(client) == []
    assert await mutes.until(CaseId("one"), 1000) is None
    await mutes.set(CaseId("one"), now=1000, hours=1)
    await mutes.lift(CaseId("one"))
    assert await keys_in(client) == []
    await client.aclose()


async def keys_in(client: ValkeyClient) -> list[bytes]:
    found = await client.call("KEYS", "*")
    assert isinstance(found, list)
    return [key for key in found if isinstance(key, bytes)]


async def test_a_case_of_its_own_is_not_muted_with_another(house: House) -> None:
    await a_muted_case(house)
    alex = house.person("88999")

    assert "code words are" in await alex.say("hi") or await alex.hand_over("a word of mine")


async def test_a_colleagues_case_is_muted_by_a_lead_and_by_nobody_else(house: House) -> None:
    ana, _, case = await a_muted_case(house, hours=0)
    mina = await house.caseworker("Mina", role="caseworker")
    zoe = await house.caseworker("Zoe", role="caseworker")
    await house.fener.staff.claim(mina.row, case)

    with pytest.raises(RefusedError, match=r"case\.claimed"):
        await muting(house)(zoe.row, case, 1)
    await muting(house)(mina.row, case, 1)
    await muting(house)(ana.row, case, 0)
    for hours in (-1, 25):
        with pytest.raises(RefusedError, match=r"mute\.hours"):
            await muting(house)(ana.row, case, hours)
    await house.fener.staff.close(mina.row, case)
    with pytest.raises(RefusedError, match=r"case\.closed"):
        await muting(house)(ana.row, case, 1)


async def test_a_muted_case_takes_notes_of_colleagues(house: House) -> None:
    ana, _, case = await a_muted_case(house)

    await house.fener.staff.note(
        ana.row, case, await note_by(house, ana, case, "quiet until six", sequence=1)
    )

    assert "quiet until six" in await words_of(ana, case)
