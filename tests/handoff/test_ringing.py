"""When the bell rings: minute by minute, with a clock that is only a number."""

import msgspec

from bot.handoff.ringing import (
    ENOUGH,
    HALF_HOUR,
    Caller,
    Ring,
    Ringing,
    Wait,
    next_rings,
    usual_wait,
)

TEN = 29_000_020  # ten minutes into a half hour
DUTY = Ring(is_complaint=False, leads=False)
LEADS = Ring(is_complaint=False, leads=True)
QUIET = Ringing(slot=TEN // HALF_HOUR)
URGENT = Caller("a", is_urgent=True, is_complaint=False)
NORMAL = Caller("b", is_urgent=False, is_complaint=False)


def minutes(*callers: Caller, state: Ringing | None = QUIET, until: int = 61) -> dict[int, frozenset[Ring]]:
    """Which minutes after `TEN` ring, when these wait all the time."""
    heard = {}
    for after in range(until):
        state, rings = next_rings(state, callers, TEN + after)
        assert next_rings(state, callers, TEN + after) == (state, frozenset()), "a second look rings again"
        if rings:
            heard[after] = rings
    return heard


def test_an_urgent_case_rings_at_once_and_after_five_and_ten_minutes_and_then_the_leads_too() -> None:
    assert minutes(URGENT, until=20) == {0: {DUTY}, 5: {DUTY}, 10: {DUTY, LEADS}}


def test_after_that_it_rings_with_all_others_and_the_leads_are_left_alone() -> None:
    assert minutes(URGENT) == {0: {DUTY}, 5: {DUTY}, 10: {DUTY, LEADS}, 20: {DUTY}, 50: {DUTY}}


def test_everything_else_rings_once_in_a_half_hour_and_not_when_somebody_wrote() -> None:
    assert minutes(NORMAL) == {20: {DUTY}, 50: {DUTY}}
    assert minutes(NORMAL, NORMAL._replace(case="c")) == {20: {DUTY}, 50: {DUTY}}


def test_after_a_restart_whatever_waits_rings_at_once() -> None:
    assert minutes(URGENT, state=None, until=10) == {0: {DUTY}, 5: {DUTY}}
    assert minutes(NORMAL, state=None, until=20) == {0: {DUTY}}


def test_a_minute_that_nobody_looked_at_is_made_up_for_by_one_ring() -> None:
    state, _ = next_rings(QUIET, [URGENT], TEN)

    late, rings = next_rings(state, [URGENT], TEN + 12)

    assert rings == {DUTY, LEADS}
    assert next_rings(late, [URGENT], TEN + 13).rings == frozenset()


def test_what_was_claimed_rings_no_more() -> None:
    state, _ = next_rings(QUIET, [URGENT], TEN)

    state, rings = next_rings(state, [], TEN + 5, claimed={"a"})

    assert (rings, state.cases, state.waits) == (frozenset(), {}, (5,))


def test_where_nobody_is_on_duty_an_urgent_case_rings_the_leads_at_once_and_once() -> None:
    state, rings = next_rings(QUIET, [URGENT], TEN, staffed=())
    assert LEADS in rings

    for after in range(1, 15):
        state, rings = next_rings(state, [URGENT], TEN + after, staffed=())
        assert LEADS not in rings


def test_who_comes_back_from_a_pause_is_rung_at_once_for_what_became_urgent_in_it() -> None:
    state: Ringing = QUIET
    for after in range(15):
        state, _ = next_rings(state, [URGENT], TEN + after, staffed=())

    assert minutes(URGENT, state=state, until=15) == {0: {DUTY}, 5: {DUTY}, 10: {DUTY}}


def test_a_clock_that_was_a_day_ahead_keeps_no_urgent_case_quiet() -> None:
    state, _ = next_rings(QUIET, [URGENT], TEN + 1440)

    heard = minutes(URGENT, state=state, until=20)

    assert heard == {0: {DUTY}, 5: {DUTY}, 10: {LEADS}}


def test_outside_of_working_time_nothing_rings_and_the_first_minute_of_it_rings_what_came_meanwhile() -> None:
    state = QUIET
    for after in range(60):
        state, rings = next_rings(state, [URGENT, NORMAL], TEN + after, working=False)
        assert rings == frozenset()

    assert next_rings(state, [NORMAL], TEN + 60).rings == {DUTY}
    assert next_rings(state, [URGENT], TEN + 60).rings == {DUTY}


def test_a_case_that_becomes_urgent_rings_like_one_from_then_on() -> None:
    state: Ringing = QUIET
    for after in range(100):
        state, _ = next_rings(state, [NORMAL], TEN + after)
    worse = NORMAL._replace(is_urgent=True)

    state, rings = next_rings(state, [worse], TEN + 100)
    assert rings == {DUTY}
    assert next_rings(state, [worse], TEN + 105).rings == {DUTY}


def test_a_complaint_rings_its_own_people_only() -> None:
    complaint = Caller("c", is_urgent=True, is_complaint=True)

    state, rings = next_rings(QUIET, [complaint], TEN)
    assert rings == {Ring(is_complaint=True, leads=False)}
    for after in range(1, 60):
        state, rings = next_rings(state, [complaint], TEN + after)
        assert all(each.is_complaint for each in rings)


def test_a_case_waits_too_long_five_minutes_after_its_leads_were_rung() -> None:
    state: Ringing = QUIET
    told = []
    for after in range(20):
        state, _ = next_rings(state, [URGENT, NORMAL], TEN + after)
        told.append(state.is_too_long("a", TEN + after))
        assert not state.is_too_long("b", TEN + after)

    assert told.index(True) == 15
    assert not state.is_too_long("nobody's", TEN + 20)


def test_what_waited_before_a_restart_says_nothing_about_how_long_people_wait() -> None:
    state, _ = next_rings(None, [URGENT], TEN)

    assert next_rings(state, [], TEN + 5, claimed={"a"}).state.waits == ()


def test_how_long_a_complaint_waited_is_in_no_number_that_anybody_reads() -> None:
    complaint = Caller("c", is_urgent=True, is_complaint=True)
    state, _ = next_rings(QUIET, [URGENT, complaint], TEN)

    state, _ = next_rings(state, [], TEN + 7, claimed={"a", "c"})

    assert state.waits == (7,)


def test_a_complaint_changes_no_minute_in_which_others_are_rung() -> None:
    for is_urgent in (False, True):
        complaint = Caller("c", is_urgent=is_urgent, is_complaint=True)
        for other in (URGENT, NORMAL):
            beside = {
                after: {each for each in rings if not each.is_complaint}
                for after, rings in minutes(other, complaint).items()
            }
            assert {after: rings for after, rings in beside.items() if rings} == minutes(other)


def test_what_was_taken_back_is_no_wait_for_an_answer() -> None:
    state, _ = next_rings(QUIET, [URGENT], TEN)

    assert next_rings(state, [], TEN + 5).state.waits == ()


def test_the_latest_fifty_waits_are_remembered() -> None:
    state = Ringing(slot=TEN // HALF_HOUR, waits=(7,) * 50)
    state, _ = next_rings(state, [URGENT], TEN)

    waits = next_rings(state, [], TEN + 3, claimed={"a"}).state.waits
    assert (len(waits), waits[0]) == (50, 3)


def test_of_fewer_than_ten_waits_nothing_is_told() -> None:
    assert usual_wait([5] * (ENOUGH - 1)) is None
    assert usual_wait([5] * ENOUGH) == 10


def test_the_wait_that_is_told_is_one_that_most_people_did_not_exceed() -> None:
    waits = [1, 2, 3, 4, 5, 6, 7, 41, 300, 900]
    assert usual_wait(waits) == 50
    assert usual_wait([1] * 7 + [95] * 3) == 120  # in whole hours when it is long


def test_a_place_counts_whoever_is_before() -> None:
    wait = Wait(places=((0, 5, "x"), (1, 4, "y"), (1, 5, "z")))

    assert wait.place((1, 4, "zz")) == 3
    assert wait.place((0, 4, "a")) == 1
    assert wait.place((1, 5, "~")) == 4


def test_what_the_bell_remembers_survives_its_form_in_bytes() -> None:
    state, _ = next_rings(QUIET, [URGENT, NORMAL], TEN)

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=Ringing) == state
