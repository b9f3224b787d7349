from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.routing import Reception, Staffing, route


@dataclass(frozen=True)
class Candidate:
    """A member of the network, as routing sees it."""

    organisation: str
    queues: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()


LANTERN = Candidate("rs-lantern-demo", queues=("general", "legal"), places=("RS",), languages=("sr", "en"))
HARBOUR = Candidate("rs-harbour-demo", places=("RS",), languages=("fa", "en"))
LISBOA = Candidate("pt-lisboa-demo", queues=("general", "psea"), places=("PT",), languages=("pt",))
MEMBERS = (LANTERN, HARBOUR, LISBOA)


def staffed(**on_duty: int | None) -> list[Staffing]:
    """Everybody named has two keys; the number says how many are on duty. None: no keys."""
    return [
        Staffing(
            name.replace("_", "-"),
            name.replace("_", " ").title(),
            keys=0 if duty is None else 2,
            on_duty=duty or 0,
        )
        for name, duty in on_duty.items()
    ]


def test_a_case_goes_to_an_organisation_with_somebody_on_duty_before_one_with_keys_only() -> None:
    staffing = staffed(rs_lantern_demo=0, rs_harbour_demo=1)

    assert route(MEMBERS, "general", places=("RS",), staffing=staffing) == Reception(
        "rs-harbour-demo", "Rs Harbour Demo", on_duty=True
    )


def test_where_nobody_is_on_duty_it_waits_with_the_first_that_has_keys_and_says_so() -> None:
    staffing = staffed(rs_lantern_demo=0, rs_harbour_demo=0)

    assert route(MEMBERS, "general", places=("RS",), staffing=staffing) == Reception(
        "rs-lantern-demo", "Rs Lantern Demo", on_duty=False
    )


@pytest.mark.parametrize(
    "staffing",
    [[], staffed(rs_lantern_demo=None, rs_harbour_demo=None), staffed(pt_lisboa_demo=1), staffed(unknown=2)],
)
def test_where_nobody_can_open_it_there_is_no_case(staffing: list[Staffing]) -> None:
    assert route(MEMBERS, "general", places=("RS",), staffing=staffing) is None


def test_an_organisation_without_keys_is_passed_over_even_on_duty() -> None:
    staffing = [Staffing("rs-lantern-demo", "Lantern", keys=0, on_duty=1), *staffed(rs_harbour_demo=0)]

    found = route(MEMBERS, "general", places=("RS",), staffing=staffing)

    assert found
    assert found.organisation == "rs-harbour-demo"


def test_only_members_that_serve_queue_and_place_receive_it() -> None:
    everybody = staffed(rs_lantern_demo=1, rs_harbour_demo=1, pt_lisboa_demo=1)
    found = {
        (queue, place): route(MEMBERS, queue, places=(place,), staffing=everybody)
        for queue in ("general", "legal", "psea")
        for place in ("RS", "PT", "GR")
    }
    served = {key: reception.organisation for key, reception in found.items() if reception}

    assert served == {
        ("general", "RS"): "rs-lantern-demo",
        ("general", "PT"): "pt-lisboa-demo",
        ("legal", "RS"): "rs-lantern-demo",
        ("psea", "PT"): "pt-lisboa-demo",
    }


def test_somebody_who_did_not_say_where_they_are_is_still_received() -> None:
    assert route(MEMBERS, "general", staffing=staffed(pt_lisboa_demo=1))


def test_a_town_is_served_by_who_serves_its_country() -> None:
    assert route(MEMBERS, "legal", places=("rs-beograd", "RS"), staffing=staffed(rs_lantern_demo=1))


def test_a_shared_language_decides_between_two_on_duty_but_not_against_duty() -> None:
    both = staffed(rs_lantern_demo=1, rs_harbour_demo=1)
    found = route(MEMBERS, "general", places=("RS",), language="fa", staffing=both)
    assert found
    assert found.organisation == "rs-harbour-demo"

    only_lantern = staffed(rs_lantern_demo=1, rs_harbour_demo=0)
    found = route(MEMBERS, "general", places=("RS",), language="fa", staffing=only_lantern)
    assert found
    assert found.organisation == "rs-lantern-demo"


@given(
    st.lists(st.sampled_from(["rs-lantern-demo", "rs-harbour-demo", "pt-lisboa-demo"]), max_size=3),
    st.integers(0, 2),
)
def test_a_complaint_never_reaches_the_organisation_it_is_about(about: list[str], duty: int) -> None:
    everybody = staffed(rs_lantern_demo=duty, rs_harbour_demo=duty, pt_lisboa_demo=duty)
    for queue in ("general", "psea"):
        found = route(MEMBERS, queue, staffing=everybody, excluded=about)
        assert found is None or found.organisation not in about


def test_a_minor_is_received_only_where_minors_are_served() -> None:
    adults = Candidate("rs-adults-demo", serves=("adults", "lgbtiq"))
    minors = Candidate("rs-young-demo", serves=("adults", "minors"))
    staffing = staffed(rs_adults_demo=1, rs_young_demo=1)

    found = route((adults, minors), "general", staffing=staffing, groups=("minors",))
    assert found
    assert found.organisation == "rs-young-demo"
    assert route((adults,), "general", staffing=staffing, groups=("minors",)) is None


def test_the_answer_does_not_depend_on_the_order_of_staffing() -> None:
    staffing = staffed(rs_lantern_demo=1, rs_harbour_demo=1)
    by_name = {each.organisation: each for each in staffing}

    assert (
        route(MEMBERS, "general", staffing=staffing)
        == route(MEMBERS, "general", staffing=staffing[::-1])
        == route(MEMBERS, "general", staffing=by_name)
    )
