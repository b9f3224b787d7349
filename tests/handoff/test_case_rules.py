from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.case import CaseStatus, moved, whole_hour
from bot.handoff.designation import DESIGNATION_BYTES, FIRST_WORDS, SECOND_WORDS, designation
from bot.handoff.retention import RetentionRules, case_goes, cutoffs, note_goes
from bot.handoff.triage import URGENCIES, Urgency, queue_order, raised, urgency_of
from bot.kernel.errors import RefusedError

NOW = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)


def test_a_case_is_claimed_given_back_and_closed_and_a_closed_one_stays_closed() -> None:
    allowed = {
        ("waiting", "claimed"),
        ("waiting", "closed"),
        ("claimed", "waiting"),
        ("claimed", "closed"),
    }
    for before, after in product(CaseStatus, CaseStatus):
        if (before, after) in allowed:
            assert moved(before, after) == after
        else:
            with pytest.raises(RefusedError, match=r"case\.status"):
                moved(before, after)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)).map(lambda each: each.replace(tzinfo=UTC)))  # noqa: DTZ001 - made aware right there
def test_a_stored_time_is_a_whole_hour(moment: datetime) -> None:
    start = datetime.fromtimestamp(whole_hour(moment) * 3600, UTC)

    assert (start.minute, start.second, start.microsecond) == (0, 0, 0)
    assert start <= moment < start + timedelta(hours=1)


# --- names ------------------------------------------------------------------------------------------


def test_there_are_enough_names_and_no_word_is_in_both_lists() -> None:
    assert len(FIRST_WORDS) >= 128
    assert len(SECOND_WORDS) >= 128
    assert len(set(FIRST_WORDS)) == len(FIRST_WORDS)
    assert not set(FIRST_WORDS) & set(SECOND_WORDS)
    assert all(word.isascii() and word.isalpha() and word.islower() for word in FIRST_WORDS + SECOND_WORDS)


UNWANTED = """
black brown white pink yellow rainbow lavender pansy otter bear wolf cub pup lamb cross crescent
blood gun sword bullet dead wild savage dirty ebony pig dog snake rat camel goat monkey
"""


def test_no_name_says_anything_about_a_person_a_faith_or_harm() -> None:
    assert not set(UNWANTED.split()) & set(FIRST_WORDS + SECOND_WORDS)


@given(st.binary(min_size=DESIGNATION_BYTES, max_size=DESIGNATION_BYTES))
def test_any_random_bytes_make_a_two_word_name(randomness: bytes) -> None:
    first, second = designation(randomness).split()

    assert first in FIRST_WORDS
    assert second in SECOND_WORDS


def test_all_words_come_up() -> None:
    firsts = {designation(number.to_bytes(2, "big") + b"\x00\x00").split()[0] for number in range(1000)}
    seconds = {designation(b"\x00\x00" + number.to_bytes(2, "big")).split()[1] for number in range(1000)}

    assert firsts == set(FIRST_WORDS)
    assert seconds == set(SECOND_WORDS)


# --- order ------------------------------------------------------------------------------------------


def test_what_is_needed_now_comes_first_then_the_oldest() -> None:
    cases: list[tuple[Urgency, int, str]] = [
        ("normal", 1, "a"),
        ("soon", 5, "b"),
        ("now", 9, "c"),
        ("now", 8, "d"),
    ]

    assert [case[2] for case in sorted(cases, key=lambda case: queue_order(*case))] == ["d", "c", "b", "a"]


@pytest.mark.parametrize("kind", ["suicide", "danger now", "medical", "violence", "child"])
def test_danger_to_life_makes_any_case_one_for_now(kind: str) -> None:
    assert raised("normal", [kind]) == "now"


@given(
    st.sampled_from(URGENCIES),
    st.lists(st.sampled_from(["suicide", "trafficking", "child", "new kind"]), max_size=3),
)
def test_crisis_words_never_make_a_case_less_urgent(urgency: Urgency, kinds: list[str]) -> None:
    after = raised(urgency, kinds)

    assert URGENCIES.index(after) <= URGENCIES.index(urgency)
    assert kinds or after == urgency
    assert not kinds or after != "normal"


def test_an_unknown_urgency_in_a_row_counts_as_normal() -> None:
    assert urgency_of("frantic") == "normal"
    assert [urgency_of(urgency) for urgency in URGENCIES] == list(URGENCIES)
    assert queue_order("frantic", 1, "a") == queue_order("normal", 1, "a")


# --- retention --------------------------------------------------------------------------------------

RULES = RetentionRules()
DAY = timedelta(days=1)


def test_a_closed_case_goes_after_14_days_and_any_case_after_90() -> None:
    assert case_goes(NOW, NOW + 2 * DAY, RULES) == NOW + 16 * DAY
    assert case_goes(NOW, None, RULES) == NOW + 90 * DAY
    assert case_goes(NOW, NOW + 89 * DAY, RULES) == NOW + 90 * DAY


def test_a_reply_goes_a_day_after_it_was_shown_and_unread_after_30() -> None:
    assert note_goes(NOW, NOW + DAY, RULES) == NOW + 2 * DAY
    assert note_goes(NOW, None, RULES) == NOW + 30 * DAY
    assert note_goes(NOW, NOW + timedelta(days=29, hours=23), RULES) == NOW + 30 * DAY


@given(st.integers(0, 100 * 24 * 60))
def test_nothing_stored_under_its_rounded_hour_outlives_its_promise(minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    due = cutoffs(now, RULES)

    for before, longest in (
        (due.cases_opened_before, RULES.at_most),
        (due.cases_closed_before, RULES.after_close),
        (due.notes_unread_before, RULES.unread_note),
        (due.notes_delivered_before, RULES.delivered_note),
    ):
        assert whole_hour(now - longest) < before
        assert whole_hour(now - longest + timedelta(hours=1)) >= before


def test_a_setting_may_shorten_a_promise_and_never_lengthen_it() -> None:
    assert RetentionRules(after_close=DAY, at_most=7 * DAY).at_most == 7 * DAY
    for longer in (
        {"after_close": 15 * DAY},
        {"at_most": 91 * DAY},
        {"unread_note": 31 * DAY},
        {"delivered_note": 2 * DAY},
    ):
        with pytest.raises(ValueError, match="retention"):
            RetentionRules(**longer)
