"""A message that comes twice, or at a bad moment, has one effect and one answer."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.kernel.errors import ConflictError, StorageError
from bot.storage.memory import MemoryReplays, MemorySessions
from tests.usecases.faults import FlakySessions, nobody_can_write
from tests.usecases.house import WORDS, Caseworker, House, Person, designation_in


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker("Ana")


@pytest.fixture
def sam(house: House, ana: Caseworker) -> Person:
    assert ana.row.active
    return house.person()


async def test_a_repeated_message_gets_the_same_reply_and_no_second_effect(house: House, sam: Person) -> None:
    await sam.consent()
    delivery = sam.delivery(WORDS)
    first = await sam.take(delivery)
    for _ in range(3):
        again = await sam.take(delivery)
        assert again.repeated
        assert again.message == first.message
        assert again.kept is None

    assert len(await house.rows("cases")) == 1
    assert len(await house.rows("envelopes")) == 1


async def test_messages_repeated_at_the_same_moment_have_one_effect(house: House, sam: Person) -> None:
    await sam.consent()
    delivery = sam.delivery(WORDS)

    answers = await asyncio.gather(*(sam.take(delivery) for _ in range(5)))

    assert len({answer.message for answer in answers}) == 1
    assert sorted(answer.repeated for answer in answers) == [False, True, True, True, True]
    assert len(await house.rows("envelopes")) == 1


async def test_a_repeated_addition_to_the_case_is_added_once_also_after_a_crash(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await sam.hand_over()
    case = (await house.case()).id
    delivery = sam.delivery("it is cold here")
    await sam.take(delivery)
    await sam.take(delivery)
    await house.restart()

    await sam.take(delivery)

    _, messages = await ana.read(case)
    assert [message.text for message in messages] == ["it is cold here"]


async def test_the_handoff_repeated_after_a_crash_names_the_same_case(house: House, sam: Person) -> None:
    await sam.consent()
    delivery = sam.delivery(WORDS)
    await sam.take(delivery)
    designation = designation_in(sam.heard[-1])
    await house.restart()

    again = await sam.take(delivery)

    assert again.repeated
    assert designation in sam.heard[-1]
    assert len(await house.rows("envelopes")) == 1


@pytest.mark.parametrize("words", [("0",), ("erase", "1")])
async def test_a_repeated_leave_or_erase_is_not_greeted_anew(
    house: House, sam: Person, words: tuple[str, ...]
) -> None:
    await sam.hand_over()
    for word in words[:-1]:
        await sam.say(word)
    delivery = sam.delivery(words[-1])
    first = await sam.take(delivery)

    again = await sam.take(delivery)

    assert again.repeated
    assert again.message == first.message


async def test_a_message_repeated_after_its_reply_was_forgotten_changes_nothing(
    house: House, sam: Person
) -> None:
    await sam.hand_over()
    delivery = sam.delivery("it is cold here")
    await sam.take(delivery)
    house.clock.move(minutes=11)

    again = await sam.take(delivery)

    assert again.repeated
    assert again.message is not None
    assert again.message.texts == house.fener.turns.apology().texts
    assert len(await house.rows("envelopes")) == 2


async def test_a_message_repeated_after_too_many_others_is_told_where_the_conversation_is(
    house: House, sam: Person
) -> None:
    house.fener.turns._remember._replays = MemoryReplays(house.clock.monotonic, limit=1)
    await sam.say("hi")
    await sam.say("1")
    delivery = sam.delivery("1")
    first = await sam.take(delivery)
    assert first.message is not None
    await house.person("77124").say("hi")  # the only place for a reply is theirs now

    again = await sam.take(delivery)

    assert again.repeated
    assert again.kept is None
    assert again.message == first.message
    await sam.choose(first.message.options[0].label)  # and what it shows can be chosen


# --- faults in the middle -------------------------------------------------------------------------------


async def test_a_database_that_fails_in_the_middle_leaves_nothing_half_done(
    house: House, sam: Person
) -> None:
    await sam.consent()
    delivery = sam.delivery(WORDS)
    with nobody_can_write(house), pytest.raises(StorageError):
        await sam.take(delivery)
    for table in ("cases", "envelopes", "seen"):
        assert await house.rows(table) == []

    await sam.take(delivery)

    assert designation_in(sam.heard[-1])
    assert len(await house.rows("cases")) == 1


async def test_an_addition_that_could_not_be_stored_is_not_told_as_added(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await sam.hand_over()
    case = (await house.case()).id
    with nobody_can_write(house), pytest.raises(StorageError):
        await sam.say("it is cold here")

    assert "Added" in await sam.say("it is cold here")
    _, messages = await ana.read(case)
    assert [message.text for message in messages] == ["it is cold here"]


async def test_the_apology_asks_to_send_it_again(house: House) -> None:
    assert "again" in " ".join(house.fener.turns.apology().texts)


@pytest.mark.parametrize("trouble", ["fails", "conflicts"])
async def test_a_handoff_whose_session_could_not_be_saved_is_finished_by_its_repetition(
    house: House, sam: Person, trouble: str
) -> None:
    flaky = FlakySessions(MemorySessions(house.clock.monotonic))
    await house.restart(sessions=flaky)
    await sam.consent()
    delivery = sam.delivery(WORDS)
    setattr(flaky, trouble, True)
    with pytest.raises(StorageError):
        await sam.take(delivery)
    setattr(flaky, trouble, False)
    row = await house.case()

    await sam.take(delivery)

    assert designation_in(sam.heard[-1]) == row.designation
    assert len(await house.rows("envelopes")) == 1
    assert await house.route(row.id)
    assert "Added" in await sam.say("it is cold here")


async def test_a_handoff_whose_session_could_not_be_saved_does_not_lock_the_person_out(
    house: House, ana: Caseworker, sam: Person
) -> None:
    flaky = FlakySessions(MemorySessions(house.clock.monotonic))
    await house.restart(sessions=flaky)
    await sam.consent()
    flaky.fails = True
    with pytest.raises(StorageError):
        await sam.say(WORDS)
    flaky.fails = False

    await sam.say("I send it again in other words")  # a new message, as the apology asks

    row = await house.case()
    _, [message] = await ana.read(row.id)
    assert message.text.endswith("I send it again in other words")


async def test_a_note_read_in_a_turn_that_could_not_be_saved_is_still_there(
    house: House, ana: Caseworker, sam: Person
) -> None:
    flaky = FlakySessions(MemorySessions(house.clock.monotonic))
    await house.restart(sessions=flaky)
    await sam.hand_over()
    await sam.say("0")
    await ana.reply((await house.case()).id, "We have a bed")
    await sam.say("hello?")
    flaky.fails = True
    with pytest.raises(StorageError):
        await sam.choose("Read")
    flaky.fails = False

    assert "We have a bed" in await sam.choose("Read")


async def test_two_turns_that_meet_lose_nothing(house: House, ana: Caseworker, sam: Person) -> None:
    await sam.hand_over()
    case = (await house.case()).id
    words = [f"part {number}" for number in range(6)]

    await asyncio.gather(*(sam.take(sam.delivery(each)) for each in words))

    _, messages = await ana.read(case)
    assert [message.text for message in messages] == words


async def test_a_caseworkers_claim_and_a_persons_words_never_overwrite_each_other(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await sam.hand_over()
    case = (await house.case()).id

    await asyncio.gather(
        sam.say("it is cold"),
        _until_done(lambda: house.fener.staff.claim(ana.row, case)),
        sam.say("and dark"),
    )

    row = await house.case()
    assert row.status == "claimed"
    assert row.sequence == 3


async def _until_done(action: Callable[[], Awaitable[object]]) -> object:
    for _ in range(20):
        try:
            return await action()
        except ConflictError:
            continue
    raise AssertionError("never done")


async def test_a_designation_that_is_taken_is_drawn_again(house: House, ana: Caseworker) -> None:
    """Half of all names are taken: whoever draws one of those draws again, and never hears of it."""
    assert ana.row.active
    await house.write(
        "CREATE TRIGGER taken BEFORE INSERT ON cases WHEN NEW.designation < 'm' BEGIN SELECT RAISE(IGNORE); END"
    )
    for number in range(8):
        person = house.person(f"8800{number}")
        await person.consent()
        while True:
            try:
                await person.say(WORDS)
            except ConflictError as conflict:
                if conflict.code != "turn.busy":  # five times in a row: asked to send it again
                    raise
            else:
                break
        assert designation_in(person.heard[-1]) > "m"

    rows = await house.rows("cases")
    assert len({row["designation"] for row in rows}) == 8


async def test_the_words_said_to_the_person_are_the_name_of_their_case(house: House, sam: Person) -> None:
    assert await sam.hand_over() == (await house.case()).designation
