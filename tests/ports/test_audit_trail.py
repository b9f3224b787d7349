import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto.checkpoint import line_hash
from bot.crypto.members import Head
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import ConflictError
from bot.storage.audit import SqlAuditTrail, first_break
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.database import Database
from bot.storage.retention import SqlRetention
from tests.ports.conftest import Opener
from tests.ports.examples import HOUR, a_case, after_message, an_envelope

OURS = "demo-lantern"
ENTRY = AuditEntry(OURS, AuditEvent.CASE_READ, "0" * 32, "1" * 32)


@pytest.fixture
def trail(database: Database) -> SqlAuditTrail:
    return SqlAuditTrail(database)


async def test_a_line_says_who_did_what_to_which_case_in_which_hour(trail: SqlAuditTrail) -> None:
    await trail.append(ENTRY, HOUR)

    (line,) = await trail.chain(OURS)
    assert json.loads(line) == {
        "actor": "0" * 32,
        "case": "1" * 32,
        "event": "case.read",
        "hour": HOUR,
        "organisation": OURS,
        "position": 0,
        "prev": "0" * 64,
    }


async def test_each_line_holds_the_hash_of_the_one_before(trail: SqlAuditTrail) -> None:
    for _ in range(12):
        await trail.append(ENTRY, HOUR)

    chain = await trail.chain(OURS)

    assert [json.loads(line)["prev"] for line in chain[1:]] == [
        hashlib.sha256(line).hexdigest() for line in chain[:-1]
    ]
    assert first_break(chain) is None


async def test_organisations_have_chains_of_their_own(trail: SqlAuditTrail) -> None:
    await trail.append(ENTRY, HOUR)
    await trail.append(AuditEntry("demo-harbour", AuditEvent.CASE_OPENED, "system"), HOUR)

    (theirs,) = await trail.chain("demo-harbour")
    assert json.loads(theirs)["prev"] == "0" * 64
    assert await trail.chain("nobody") == []


async def test_lines_written_at_once_by_two_processes_make_one_whole_chain(
    opener: Opener, trail: SqlAuditTrail
) -> None:
    both = [trail, SqlAuditTrail(await opener())]

    await asyncio.gather(*(both[number % 2].append(ENTRY, HOUR) for number in range(12)))

    chain = await trail.chain(OURS)
    assert len(chain) == 12
    assert first_break(chain) is None


async def test_a_line_that_follows_from_another_stands_behind_it_and_is_added_once(
    opener: Opener, trail: SqlAuditTrail
) -> None:
    both = [trail, SqlAuditTrail(await opener())]
    more = AuditEntry(OURS, AuditEvent.STAFF_MANY_READ, "0" * 32)

    def follows(lines: Sequence[bytes]) -> AuditEntry | None:
        seen = [json.loads(line)["event"] for line in lines]
        return more if len(seen) > 3 and more.event not in seen else None

    for hour in (HOUR - 2, HOUR - 1):
        await trail.append(ENTRY, hour)
    await asyncio.gather(*(both[number % 2].append(ENTRY, HOUR, then=follows) for number in range(8)))

    chain = await trail.chain(OURS)
    assert [json.loads(line)["event"] for line in chain] == ["case.read"] * 5 + ["staff.many-read"] + [
        "case.read"
    ] * 5
    assert first_break(chain) is None


async def test_nothing_is_added_when_what_should_follow_cannot_be(trail: SqlAuditTrail) -> None:
    def breaks(lines: Sequence[bytes]) -> AuditEntry | None:
        raise ConflictError("test.fault", "Nothing.")

    with pytest.raises(ConflictError):
        await trail.append(ENTRY, HOUR, then=breaks)
    assert await trail.chain(OURS) == []


@pytest.mark.parametrize(("hour", "places"), [(HOUR, [1, 2]), (HOUR - 1, [0, 1, 2]), (HOUR + 1, [])])
async def test_the_newest_lines_are_found_from_the_end(
    trail: SqlAuditTrail, hour: int, places: list[int]
) -> None:
    for each in (HOUR - 1, HOUR, HOUR):
        await trail.append(ENTRY, each)

    assert [json.loads(line)["position"] for line in await trail.since(OURS, hour)] == places
    assert await trail.since("nobody", hour) == []


async def test_a_line_is_committed_with_what_it_records(
    opener: Opener, trail: SqlAuditTrail, queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    other = await opener()
    case = a_case()

    async with trail.recording(ENTRY, HOUR):
        await queue.open(case, an_envelope(case), [b"seen"])
        assert await desk.waiting(OURS) == [case]  # who writes sees it
        assert await trail.chain(OURS) == []

    assert await SqlCaseDesk(other).waiting(OURS) == [case]
    assert len(await SqlAuditTrail(other).chain(OURS)) == 1


async def test_neither_line_nor_deed_stays_when_the_deed_fails(
    trail: SqlAuditTrail, queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case, other = a_case(), a_case()

    async def two_cases_of_one_message() -> None:
        async with trail.recording(ENTRY, HOUR):
            await queue.open(case, an_envelope(case), [b"seen"])
            await queue.open(other, an_envelope(other), [b"seen"])

    with pytest.raises(ConflictError):
        await two_cases_of_one_message()

    assert await desk.waiting(OURS) == []
    assert await trail.chain(OURS) == []


async def test_a_part_that_failed_is_undone_alone_when_the_rest_goes_on(
    trail: SqlAuditTrail, queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [b"seen"])

    async with trail.recording(ENTRY, HOUR):
        with pytest.raises(ConflictError):  # raised after the row was written
            await queue.append(after_message(case), an_envelope(case, sequence=2), [b"seen"], expected=case)
        await queue.append(after_message(case), an_envelope(case, sequence=2), [b"new"], expected=case)

    found = await desk.read(OURS, case.id)
    assert found is not None
    assert [each.sequence for each in found[1]] == [1, 2]
    assert len(await trail.chain(OURS)) == 1


async def test_many_deeds_of_two_processes_are_each_recorded_once(
    opener: Opener, trail: SqlAuditTrail
) -> None:
    databases = [await opener(), await opener()]

    async def deed(number: int) -> None:
        database = databases[number % 2]
        case = a_case()
        async with SqlAuditTrail(database).recording(ENTRY, HOUR):
            await SqlCaseQueue(database, lambda: 0.0).open(case, an_envelope(case), [])

    await asyncio.gather(*(deed(number) for number in range(12)))

    chain = await trail.chain(OURS)
    assert len(chain) == 12
    assert first_break(chain) is None


async def test_how_far_each_chain_comes_is_read_from_its_ends(
    trail: SqlAuditTrail, retention: SqlRetention
) -> None:
    assert await trail.spans() == {}
    for hour in range(4):
        await trail.append(ENTRY, HOUR + hour)
    await trail.append(AuditEntry("demo-harbour", AuditEvent.CASE_OPENED, "system"), HOUR + 9)
    await retention.expire_audit({OURS: 2})

    chain = [line_hash(line) for line in await trail.chain(OURS)]
    found = await trail.spans()

    assert set(found) == {OURS, "demo-harbour"}
    assert await trail.spans(OURS) == {OURS: found[OURS]}
    assert await trail.spans("nobody") == {}
    assert (found[OURS].first, found[OURS].head) == (2, Head(4, chain[-1]))
    assert found[OURS].before == json.loads((await trail.chain(OURS))[0])["prev"]
    assert [await trail.digest(OURS, at) for at in range(1, 5)] == [None, *chain, None]


async def a_chain(trail: SqlAuditTrail) -> list[bytes]:
    for hour in range(5):
        await trail.append(ENTRY, HOUR + hour)
    return list(await trail.chain(OURS))


async def test_a_changed_missing_or_moved_line_is_found(trail: SqlAuditTrail) -> None:
    chain = await a_chain(trail)

    assert first_break([*chain[:2], chain[2].replace(b"case.read", b"case.closed"), *chain[3:]]) == 3
    assert first_break([*chain[:2], *chain[3:]]) == 2
    assert first_break([*chain[:2], chain[3], chain[2], chain[4]]) == 2
    assert first_break([*chain[:2], b"not a line", *chain[3:]]) == 2
    assert first_break([chain[0].replace(b"0" * 64, b"1" * 64), *chain[1:]]) == 0
    assert first_break([*chain[:3], chain[2], *chain[3:]]) == 3


async def test_a_chain_whose_old_lines_went_with_time_is_whole(trail: SqlAuditTrail) -> None:
    chain = await a_chain(trail)

    assert first_break(chain[2:]) is None
    assert first_break([]) is None


@given(
    lines=st.lists(st.binary() | st.from_type(str).map(lambda text: json.dumps(text).encode()), max_size=4)
)
def test_lines_that_are_no_chain_are_called_broken_and_never_raise(lines: list[bytes]) -> None:
    assert (first_break(lines) is None) == (not lines)


async def test_lines_of_two_chains_in_one_commit_go_to_the_chains_by_name_whichever_began(
    trail: SqlAuditTrail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commits that each hold the end of a chain that the other waits for would wait for ever."""
    added: list[str] = []
    append = SqlAuditTrail.append

    async def watched(self: SqlAuditTrail, entry: AuditEntry, hour: int) -> None:
        added.append(entry.organisation)
        await append(self, entry, hour)

    monkeypatch.setattr(SqlAuditTrail, "append", watched)
    first, second = [replace(ENTRY, organisation=name) for name in ("demo-harbour", "demo-lantern")]
    for outer, inner in ((first, second), (second, first)):
        async with trail.recording(outer, HOUR):
            async with trail.recording(inner, HOUR):
                pass
            assert len(added) in {0, 2}  # nothing is held while rows are still waited for

    assert added == ["demo-harbour", "demo-lantern"] * 2


async def test_what_was_undone_within_a_commit_leaves_no_line_and_the_rest_does(trail: SqlAuditTrail) -> None:
    async with trail.recording(ENTRY, HOUR):
        with pytest.raises(ConflictError):
            async with trail.recording(replace(ENTRY, event=AuditEvent.CASE_CLOSED), HOUR):
                raise ConflictError("case.changed")
        async with trail.recording(replace(ENTRY, event=AuditEvent.CASE_CLAIMED), HOUR):
            pass

    assert [json.loads(line)["event"] for line in await trail.chain(OURS)] == ["case.claimed", "case.read"]
