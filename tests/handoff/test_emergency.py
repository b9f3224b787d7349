"""Nobody alone: whatever is tried in whatever order, nobody writes down a call that two did not agree to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff import emergency
from bot.handoff.emergency import ACT_WITHIN, ANSWER_WITHIN, Decision, Stand
from bot.kernel.errors import RefusedError

NOW = 1_700_000_000
ASKED = emergency.ask(None, "ana", NOW, safe=True)
AGREED = emergency.agree(ASKED, "mina", NOW + 60, safe=True)


def refused(code: str) -> "pytest.RaisesExc[RefusedError]":
    return pytest.raises(RefusedError, match=code.replace(".", r"\."))


def test_who_asks_does_not_agree() -> None:
    with refused("emergency.alone"):
        emergency.agree(ASKED, "ana", NOW, safe=True)
    assert AGREED.stand(NOW + 60) is Stand.AGREED


def test_what_nobody_agreed_to_in_time_was_not_decided_and_can_be_asked_again() -> None:
    late = NOW + int(ANSWER_WITHIN.total_seconds())

    assert (ASKED.stand(late - 1), ASKED.stand(late)) == (Stand.ASKED, Stand.LAPSED)
    with refused("emergency.none"):
        emergency.agree(ASKED, "mina", late, safe=True)
    assert emergency.ask(ASKED, "ana", late, safe=False).stand(late) is Stand.ASKED


def test_what_two_agreed_to_holds_for_an_hour() -> None:
    late = NOW + 60 + int(ACT_WITHIN.total_seconds())
    told = emergency.tell(AGREED, "ana", late - 1)

    emergency.check_called(told, "ana", late - 1)
    with refused("emergency.none"):
        emergency.check_called(told, "ana", late)


def test_where_it_is_safe_the_person_is_told_before_and_where_it_is_not_they_are_not() -> None:
    with refused("emergency.tell"):
        emergency.check_called(AGREED, "ana", NOW + 61)
    emergency.check_called(emergency.tell(AGREED, "mina", NOW + 61), "ana", NOW + 62)
    unsafe = emergency.agree(emergency.ask(None, "ana", NOW, safe=False), "mina", NOW, safe=False)
    with refused("emergency.safe"):
        emergency.tell(unsafe, "ana", NOW)
    emergency.check_called(unsafe, "ana", NOW)


def test_a_third_person_neither_tells_nor_writes_that_they_called() -> None:
    for step in (emergency.tell, emergency.check_called):
        with refused("emergency.alone"):
            step(AGREED, "zoe", NOW + 61)


def test_one_no_ends_it_also_after_a_yes() -> None:
    for before in (ASKED, AGREED):
        dropped = emergency.drop(before, NOW + 61)
        assert dropped.stand(NOW + 61) is Stand.DROPPED
        with refused("emergency.none"):
            emergency.check_called(dropped, "ana", NOW + 61)
    with refused("emergency.none"):
        emergency.drop(None, NOW)


def test_a_question_that_waits_is_not_asked_over() -> None:
    for before in (ASKED, AGREED):
        with refused("emergency.asked"):
            emergency.ask(before, "ana", NOW + 61, safe=True)


STEPS = st.tuples(
    st.sampled_from(["ask", "agree", "drop", "tell", "call"]),
    st.sampled_from(["ana", "mina", "zoe"]),
    st.integers(0, 1800),
    st.booleans(),
)


@given(st.lists(STEPS, max_size=25))
def test_no_order_of_steps_lets_one_person_decide(steps: list[tuple[str, str, int, bool]]) -> None:
    now, kept = NOW, None
    asked = agreed = told = ""
    for step, who, later, safe in steps:
        now += later
        try:
            if step == "call":
                emergency.check_called(kept, who, now)
                assert asked, "somebody asked"
                assert agreed not in {"", asked}, "and somebody else agreed"
                assert who in {asked, agreed}
                assert isinstance(kept, Decision)
                assert told or not kept.safe
                continue
            if step == "ask":
                kept, asked, agreed, told = emergency.ask(kept, who, now, safe=safe), who, "", ""
            elif step == "agree":
                kept, agreed = emergency.agree(kept, who, now, safe=kept is None or kept.safe), who
            elif step == "drop":
                kept, agreed = emergency.drop(kept, now), ""
            else:
                kept, told = emergency.tell(kept, who, now), who
        except RefusedError:
            continue
