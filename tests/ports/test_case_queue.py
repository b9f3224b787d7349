import asyncio
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.kernel.errors import ConflictError
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.retention import SqlRetention
from tests.ports.conftest import Opener
from tests.ports.examples import HOUR, a_case, a_note, after_message, after_reply, an_envelope, closed


async def test_an_opened_case_is_found_by_its_pseudonym_and_by_its_messages(queue: SqlCaseQueue) -> None:
    case = a_case(pseudonym=b"mine")
    await queue.open(case, an_envelope(case), [b"first", b"second"])

    assert await queue.find([b"other epoch", b"mine"]) == [case]
    assert await queue.seen([b"unknown", b"second"]) == case


async def test_somebody_without_a_case_is_not_found(queue: SqlCaseQueue) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [b"digest"])

    assert await queue.find([b"a stranger"]) == []
    assert await queue.find([]) == []
    assert await queue.seen([b"another message"]) is None
    assert await queue.seen([]) is None


async def test_one_person_never_has_two_open_cases(queue: SqlCaseQueue, retention: SqlRetention) -> None:
    case = a_case(pseudonym=b"mine")
    await queue.open(case, an_envelope(case), [b"first"])
    again = a_case(pseudonym=b"mine")

    with pytest.raises(ConflictError, match=r"case\.already-open"):
        await queue.open(again, an_envelope(again), [b"second"])

    assert await queue.find([b"mine"]) == [case]
    assert await queue.seen([b"second"]) is None
    assert (await retention.report())["envelopes"] == 1


async def test_a_designation_is_taken_only_while_its_case_is_open_and_only_in_its_organisation(
    queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case = a_case(designation="amber heron")
    await queue.open(case, an_envelope(case), [])
    same_here = a_case(designation="amber heron")
    same_elsewhere = a_case(designation="amber heron", organisation="demo-harbour")

    with pytest.raises(ConflictError, match=r"case\.designation-taken"):
        await queue.open(same_here, an_envelope(same_here), [])
    await queue.open(same_elsewhere, an_envelope(same_elsewhere), [])
    await desk.write(closed(case), expected=case)
    await queue.open(same_here, an_envelope(same_here), [])

    assert await desk.waiting("demo-lantern") == [same_here]


async def test_a_redelivered_message_opens_no_second_case(
    queue: SqlCaseQueue, retention: SqlRetention
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [b"digest"])
    again = a_case()

    with pytest.raises(ConflictError, match=r"case\.message-seen"):
        await queue.open(again, an_envelope(again), [b"digest"])

    assert (await retention.report())["cases"] == 1


async def test_of_two_that_open_a_case_for_one_person_at_once_one_wins(
    opener: Opener, retention: SqlRetention
) -> None:
    queues = [SqlCaseQueue(await opener(), time.monotonic) for _ in range(2)]
    attempts = [a_case(pseudonym=b"mine") for _ in range(6)]

    done = await asyncio.gather(
        *(
            queues[number % 2].open(case, an_envelope(case), [b"%d" % number])
            for number, case in enumerate(attempts)
        ),
        return_exceptions=True,
    )

    assert sum(result is None for result in done) == 1
    assert sum(isinstance(result, ConflictError) for result in done) == 5
    report = await retention.report()
    assert (report["cases"], report["envelopes"], report["seen"]) == (1, 1, 1)


async def test_an_ordinary_case_and_a_complaint_opened_at_once_are_one_of_each(
    opener: Opener, retention: SqlRetention
) -> None:
    """Even where both lie with one organisation: each name has one open case, and neither keeps the other out."""
    queues = [SqlCaseQueue(await opener(), time.monotonic) for _ in range(2)]
    names = (b"ordinary", b"complaint")
    attempts = [a_case(pseudonym=names[number % 2]) for number in range(8)]

    done = await asyncio.gather(
        *(
            queues[number // 2 % 2].open(case, an_envelope(case), [b"%d" % number])
            for number, case in enumerate(attempts)
        ),
        return_exceptions=True,
    )

    assert sum(result is None for result in done) == 2
    assert all(result is None or isinstance(result, ConflictError) for result in done)
    found = await queues[0].find(names)
    assert sorted(case.pseudonym or b"" for case in found) == sorted(names)
    assert (await retention.report())["cases"] == 2


async def test_the_next_message_is_added_and_the_row_moves_on(queue: SqlCaseQueue, desk: SqlCaseDesk) -> None:
    case = a_case(pseudonym=b"old epoch")
    first = an_envelope(case)
    await queue.open(case, first, [b"first"])
    changed = after_message(case, pseudonym=b"new epoch", epoch=8, salt=b"new salt", mac=b"new mac")
    second = an_envelope(case, sequence=2)

    await queue.append(changed, second, [b"second"], expected=case)

    assert await queue.find([b"old epoch"]) == []
    assert await queue.find([b"new epoch"]) == [changed]
    assert await queue.seen([b"first"]) == changed
    assert await queue.seen([b"second"]) == changed
    assert await desk.read(case.organisation, case.id) == (changed, [first, second])


async def test_of_two_messages_added_at_once_one_is_told_to_read_again(
    opener: Opener, queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [])
    queues = [queue, SqlCaseQueue(await opener(), time.monotonic)]

    done = await asyncio.gather(
        *(
            queues[number % 2].append(
                after_message(case), an_envelope(case, sequence=2), [b"%d" % number], expected=case
            )
            for number in range(4)
        ),
        return_exceptions=True,
    )

    assert sum(result is None for result in done) == 1
    assert sum(isinstance(result, ConflictError) for result in done) == 3
    found = await desk.read(case.organisation, case.id)
    assert found is not None
    assert len(found[1]) == 2


async def test_a_message_does_not_overwrite_what_a_caseworker_did_meanwhile(
    queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [])
    answered = after_reply(case)
    await desk.reply(answered, a_note(case), None, expected=case)

    with pytest.raises(ConflictError, match=r"case\.changed"):
        await queue.append(after_message(case), an_envelope(case, sequence=2), [b"late"], expected=case)

    assert await queue.find([case.pseudonym or b""]) == [answered]
    assert await queue.seen([b"late"]) is None


async def test_a_redelivered_message_is_not_added_twice(queue: SqlCaseQueue, desk: SqlCaseDesk) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [b"digest"])

    with pytest.raises(ConflictError, match=r"case\.message-seen"):
        await queue.append(after_message(case), an_envelope(case, sequence=2), [b"digest"], expected=case)

    assert await desk.waiting(case.organisation) == [case]


async def test_a_case_that_was_cut_loose_is_not_the_persons_any_more(
    queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case = a_case(pseudonym=b"mine")
    await queue.open(case, an_envelope(case), [])

    await desk.write(closed(case), expected=case)

    assert await queue.find([b"mine"]) == []


async def test_a_closed_case_is_found_while_its_last_reply_waits_but_an_open_one_comes_first(
    queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case = a_case(pseudonym=b"mine", touched_hour=HOUR + 5)
    await queue.open(case, an_envelope(case), [])
    reply_waits = replace(closed(case), pseudonym=b"mine")
    await desk.write(reply_waits, expected=case)
    assert await queue.find([b"mine"]) == [reply_waits]

    newer = a_case(pseudonym=b"mine", touched_hour=HOUR)
    await queue.open(newer, an_envelope(newer), [])

    assert await queue.find([b"mine"]) == [newer, reply_waits]


async def test_open_cases_under_several_names_are_all_found_those_spoken_in_last_first(
    queue: SqlCaseQueue,
) -> None:
    ordinary = a_case(pseudonym=b"ordinary", touched_hour=HOUR)
    complaint = a_case(pseudonym=b"complaint", queue="psea", touched_hour=HOUR + 1)
    for case in (ordinary, complaint, a_case(pseudonym=b"somebody else")):
        await queue.open(case, an_envelope(case), [])

    assert await queue.find([b"ordinary", b"complaint", b"nobody"]) == [complaint, ordinary]
    assert await queue.find([b"ordinary"]) == [ordinary]


async def test_a_message_that_went_into_a_case_is_known_also_after_it_closed(
    queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [b"digest"])

    await desk.write(closed(case), expected=case)

    assert await queue.seen([b"digest"]) == closed(case)


async def test_whether_any_case_is_open_is_known_at_once_in_the_process_that_opened_it(
    queue: SqlCaseQueue,
) -> None:
    case = a_case()
    assert not await queue.any_open()

    await queue.open(case, an_envelope(case), [])

    assert await queue.any_open()


async def test_whether_any_case_is_open_is_known_within_two_seconds_in_other_processes(
    opener: Opener, queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    now = [100.0]
    elsewhere = SqlCaseQueue(await opener(), lambda: now[0])
    assert not await elsewhere.any_open()
    case = a_case()

    await queue.open(case, an_envelope(case), [])
    now[0] += 2
    assert await elsewhere.any_open()

    reply_waits = replace(closed(case), pseudonym=case.pseudonym)
    await desk.write(reply_waits, expected=case)
    now[0] += 2
    assert await elsewhere.any_open()

    await desk.write(closed(case), expected=reply_waits)
    now[0] += 2
    assert not await elsewhere.any_open()


async def test_asking_whether_any_case_is_open_does_not_ask_the_database_each_time(
    opener: Opener, queue: SqlCaseQueue
) -> None:
    asking = SqlCaseQueue(await opener(), lambda: 100.0)
    case = a_case()

    first = await asyncio.gather(*(asking.any_open() for _ in range(20)))
    await queue.open(case, an_envelope(case), [])

    assert first == [False] * 20
    assert not await asking.any_open()


@given(sealed=st.binary(max_size=5000), digest=st.binary(min_size=1, max_size=40))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_bytes_are_sealed_come_back_unchanged(
    queue: SqlCaseQueue, desk: SqlCaseDesk, sealed: bytes, digest: bytes
) -> None:
    case = a_case(pseudonym=digest, salt=sealed[:32], gate=sealed[32:64], mac=sealed[:5])
    envelope = an_envelope(case, sealed=sealed)

    await queue.open(case, envelope, [digest])

    assert await queue.find([digest]) == [case]
    assert await queue.seen([digest]) == case
    assert await desk.read(case.organisation, case.id) == (case, [envelope])
    await desk.erase(case.organisation, case.id)
    assert await queue.seen([digest]) is None
