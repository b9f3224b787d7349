"""A referral goes only where its table says, whatever happens in whatever order; and its sealed forms say what was put in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto.referral import open_state, seal_state
from bot.handoff.fields import BodyFields, write_fields
from bot.handoff.referral import (
    BY_PERSON,
    FIELDS,
    LONGEST_VALUE,
    NEXT,
    RUNNING,
    Referral,
    ReferralOffer,
    ReferralState,
    may_become,
    offered,
    read_offer,
    read_referral,
)
from bot.kernel.errors import RefusedError

S = ReferralState
KEY = bytes(range(32))
STATES = st.sampled_from(list(S))
PATHS = {
    S.OFFERED: {S.SENT, S.DECLINED, S.LAPSED, S.REVOKED},
    S.SENT: {S.ACCEPTED, S.DECLINED, S.LAPSED, S.REVOKED},
    S.ACCEPTED: {S.DECLINED, S.DONE, S.REVOKED},
}
"""By hand, once more: the code's own table is what is tested."""


@given(st.lists(STATES, max_size=12))
def test_nothing_goes_outside_the_table_and_what_ended_stays_ended(wanted: list[ReferralState]) -> None:
    now = S.OFFERED
    for after in wanted:
        before = now
        now = after if may_become(now, after) else now
        assert now is before or now in PATHS.get(before, set())
        assert before in RUNNING or now is before


def test_every_state_can_be_reached_and_the_table_knows_all() -> None:
    assert set(NEXT) == set(S)
    assert {state: set(after) for state, after in NEXT.items() if after} == PATHS
    assert set().union(*PATHS.values()) == set(S) - {S.OFFERED}


@given(
    STATES,
    st.integers(0, 2**31 - 1),
    st.sampled_from(["", BY_PERSON, "full"]),
    st.sampled_from(["", "a" * 32]),
)
def test_a_side_is_read_as_it_was_sealed_for_its_own_row_and_case_alone(
    state: ReferralState, hour: int, reason: str, link: str
) -> None:
    kept = Referral("rs-demo-lantern", hour, state, "rs-demo-wheels", "health", 3, reason, "sent", link)
    sealed = seal_state(KEY, kept.to_bytes(), row="r", case="c")

    assert read_referral(open_state(KEY, sealed, row="r", case="c")) == kept
    for key, row, case in ((KEY, "x", "c"), (KEY, "r", "x"), (bytes(32), "r", "c")):
        with pytest.raises(RefusedError, match=r"referral\.forged"):
            open_state(key, sealed, row=row, case=case)
    with pytest.raises(RefusedError, match=r"referral\.forged"):
        open_state(KEY, sealed[:-1] + bytes([sealed[-1] ^ 1]), row="r", case="c")
    with pytest.raises(RefusedError, match=r"referral\.forged"):
        open_state(KEY, "not even bytes", row="r", case="c")


def test_every_side_has_the_same_length() -> None:
    short, long = Referral("a", 1), Referral("a" * 64, 9, to="b" * 64, queue="c" * 64, link="d" * 32)

    assert len({len(seal_state(KEY, each.to_bytes(), row="r", case="c")) for each in (short, long)}) == 1
    with pytest.raises(RefusedError, match=r"referral\.format"):
        seal_state(KEY, b"x" * 513, row="r", case="c")


@pytest.mark.parametrize(
    "fields",
    [
        [{"field": "surname", "value": "x"}],
        [{"field": "place", "value": "x"}, {"field": "place", "value": "y"}],
        [{"field": "note", "value": "x"}, {"field": "place", "value": "y"}],
        [{"field": "place", "value": "  "}],
        [{"field": "place", "value": "x" * (LONGEST_VALUE + 1)}],
        [{"field": "place"}],
        [{"field": "note", "value": "seen\x00not seen"}],
        [{"field": "note", "value": "seen\x1b[8mnot seen"}],
        [{"field": "note", "value": "half \ud83d of a sign"}],
        [{"field": "note", "value": "turned \u202e round"}],
        [{"field": "note", "value": "out of \u2069 its place"}],
        "place",
    ],
)
def test_an_offer_of_other_fields_is_no_offer(fields: object) -> None:
    with pytest.raises(RefusedError, match=r"body\.format"):
        read_offer(BodyFields({"fields": fields, "queue": "health", "to": "rs-demo-wheels"}))


def test_words_on_several_lines_cannot_look_like_another_line_of_the_list() -> None:
    typed = " a doctor\n- Age:\t\u2028 17  "
    body = BodyFields(
        {"fields": [{"field": "note", "value": typed}], "queue": "health", "to": "rs-demo-wheels"}
    )

    assert read_offer(body).fields == (("note", "a doctor - Age: 17"),)


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        (" two\nlines\r\n and\ttabs ", "two lines and tabs"),
        ("a\x00b\x1bc\x85d", "a b c d"),
        ("x\u202ey\u2066z \ud83d", "x y z"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_what_somebody_types_is_made_so_that_it_can_be_offered(typed: str, left: str) -> None:
    assert offered(typed) == left
    fields = [{"field": "note", "value": left}]
    assert read_offer(BodyFields({"fields": fields, "queue": "health", "to": "a"})).fields == (
        ("note", left),
    )


def test_an_offer_of_all_fields_is_read_as_written() -> None:
    offer = ReferralOffer("rs-demo-wheels", "health", tuple((name, f"<{name}>") for name in FIELDS))

    assert read_offer(BodyFields({**offer.to_json()})) == offer  # type: ignore[dict-item]  # it is an object
    assert write_fields({"offer": offer.to_json()})
