"""A week of the network: no handoff without somebody who has it or an honest answer, and nobody reads what is not theirs.

`FENER_WEEK=2000 pytest tests/simulation` lives a big one.
"""

import os
from collections.abc import AsyncIterator
from random import Random  # noqa: TID251  # the same week every time

import pytest

from bot.handoff.roles import StaffRole
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from tests.e2e.canaries import leaks
from tests.simulation.week import Week
from tests.usecases.fixtures import shipped
from tests.usecases.house import House

HANDOFFS = int(os.environ.get("FENER_WEEK", "30"))


@pytest.fixture
async def week(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Week]:
    house = House(tmp_path_factory.mktemp("week"), shipped(), founds_other=False)
    await house.start()
    lived = Week(house, HANDOFFS, Random(20261130))
    try:
        await lived.run()
        yield lived
    finally:
        await house.close()


@pytest.mark.timeout(600 + 10 * HANDOFFS)  # a whole week, on whatever machine
async def test_in_a_week_of_the_network_nobody_is_left_silent_and_nobody_sees_what_is_not_theirs(
    week: Week,
) -> None:
    rows = await week.rows()
    queued = [asked for asked in week.asked if asked.case]

    assert len(week.asked) == HANDOFFS
    assert not week.silent  # every message of every person was answered
    assert len(queued) > HANDOFFS * 0.8
    for asked in week.asked:
        assert asked.case or "No team" in asked.told or "cannot" in asked.told, asked.told  # an honest answer

    staff = {str(each.row.id): each for each in week.recipients()}
    for asked in queued:  # somebody has it, or had it, or its person took it back
        row = rows.get(asked.case)
        if row is None or row["status"] == "closed":
            continue
        assert row["claimed_by"] in staff, (asked.at, row["organisation"], row["queue"])
        assert staff[str(row["claimed_by"])].organisation == row["organisation"]

    urgent = list(week.urgent.values())
    soon = [each for each in urgent if each.is_seen_within(minutes=10)]
    assert len(urgent) > HANDOFFS * 0.15
    assert len(soon) >= 0.9 * len(urgent), (len(soon), len(urgent), week.happened)
    assert sum(each.by_ring for each in soon) > 0.7 * len(urgent)  # without the bell few are seen so soon
    assert not week.rung_for_nothing  # nobody hears by a ring of what they may not see, such as a complaint

    independent = {n for n, queue in week.house.library.directory.network.queues.items() if queue.independent}
    reads = week.house.fener.staff.read
    for worker in staff.values():
        own = {str(row.id) for row in await reads.queue(worker.row)}
        for case in own:
            assert rows[case]["organisation"] == worker.organisation
            assert (rows[case]["queue"] in independent) is (worker.row.role == StaffRole.FOCAL_POINT), (
                worker.organisation,
                worker.alias,
                rows[case]["queue"],
            )
        for other in Random(worker.row.id).sample(sorted(rows), 5):
            if other in own or rows[other]["status"] == "closed":
                continue
            with pytest.raises(RefusedError):
                await reads(worker.row, CaseId(other))
    assert leaks([week.house.folder], [asked.person.address for asked in week.asked[:40]]) == []
