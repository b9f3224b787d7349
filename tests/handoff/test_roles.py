"""Who sees which queue: a complaint is for focal points, wherever there are any."""

import pytest

from bot.handoff.roles import StaffRole, sees_queue

COMPLAINTS = frozenset({"psea", "complaints"})


@pytest.mark.parametrize("role", list(StaffRole))
@pytest.mark.parametrize("queue", ["general", "legal", "psea", "complaints"])
def test_where_there_are_focal_points_a_complaint_is_seen_by_them_and_nobody_else(
    role: StaffRole, queue: str
) -> None:
    seen = sees_queue(role.value, queue, complaints=COMPLAINTS, focal_points=True)

    receives = role in {StaffRole.LEAD, StaffRole.CASEWORKER}
    assert seen is (role is StaffRole.FOCAL_POINT if queue in COMPLAINTS else receives)


@pytest.mark.parametrize("role", list(StaffRole))
def test_where_there_is_none_leads_and_caseworkers_take_complaints(role: StaffRole) -> None:
    seen = sees_queue(role.value, "psea", complaints=COMPLAINTS, focal_points=False)

    assert seen is (role in {StaffRole.LEAD, StaffRole.CASEWORKER, StaffRole.FOCAL_POINT})


@pytest.mark.parametrize("role", ["", "admin", "Lead", "lead "])
def test_an_unknown_role_sees_nothing(role: str) -> None:
    assert not sees_queue(role, "general", complaints=COMPLAINTS, focal_points=False)
    assert not sees_queue(role, "psea", complaints=COMPLAINTS, focal_points=True)
