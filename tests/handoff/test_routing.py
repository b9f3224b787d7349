from dataclasses import dataclass
from datetime import date

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
    spaces: tuple[str, ...] = ()
    most_open: int | None = None
    paused_until: date | None = None


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


# --- capacity, safe space, age, hours ------------------------------------------------------------------

TODAY = date(2026, 11, 21)


def open_cases(**counts: int) -> list[Staffing]:
    """Everybody named is on duty; the number says how many cases are open there."""
    return [
        Staffing(name.replace("_", "-"), name.replace("_", " ").title(), keys=2, on_duty=1, open_cases=count)
        for name, count in counts.items()
    ]


def named(reception: Reception | None) -> str:
    return reception.organisation if reception is not None else ""


def test_a_full_organisation_is_passed_over_while_another_has_room() -> None:
    full, free = Candidate("rs-full-demo", most_open=3), Candidate("rs-free-demo", most_open=3)

    found = route((full, free), "general", staffing=open_cases(rs_full_demo=3, rs_free_demo=2), today=TODAY)

    assert named(found) == "rs-free-demo"
    assert found is not None
    assert not found.full


def test_where_all_are_full_the_case_waits_with_the_first_and_that_is_known() -> None:
    members = (Candidate("rs-full-demo", most_open=3), Candidate("rs-other-demo", most_open=1))

    found = route(members, "general", staffing=open_cases(rs_full_demo=9, rs_other_demo=1), today=TODAY)

    assert found == Reception("rs-full-demo", "Rs Full Demo", on_duty=True, full=True)


def test_somebody_on_duty_with_many_cases_comes_before_an_empty_desk_when_it_is_urgent() -> None:
    members = (Candidate("rs-free-demo"), Candidate("rs-full-demo", most_open=1))
    staffing = [*staffed(rs_free_demo=0), *open_cases(rs_full_demo=1)]

    assert named(route(members, "general", staffing=staffing, today=TODAY)) == "rs-free-demo"
    assert named(route(members, "general", staffing=staffing, today=TODAY, urgent=True)) == "rs-full-demo"


@pytest.mark.parametrize(
    "closed", [Candidate("rs-a-demo", most_open=0), Candidate("rs-a-demo", paused_until=date(2026, 11, 22))]
)
def test_who_takes_no_new_case_is_never_asked_also_where_nobody_else_is(closed: Candidate) -> None:
    assert route((closed,), "general", staffing=open_cases(rs_a_demo=0), today=TODAY) is None


def test_a_pause_ends_on_its_day() -> None:
    paused = Candidate("rs-a-demo", paused_until=TODAY)

    assert named(route((paused,), "general", staffing=open_cases(rs_a_demo=0), today=TODAY)) == "rs-a-demo"


NETWORK = (
    Candidate("rs-young-demo", serves=("minors", "women", "men", "trans"), spaces=("everybody",)),
    Candidate("rs-mixed-demo", serves=("adults",), spaces=("everybody",), languages=("fa",)),
    Candidate("rs-women-demo", serves=("adults", "minors", "women", "trans"), spaces=("women",)),
    Candidate("rs-trans-demo", serves=("adults", "trans"), spaces=("trans", "lgbtiq")),
    Candidate("rs-lgbtiq-demo", serves=("adults", "lgbtiq"), spaces=("lgbtiq",), languages=("ar",)),
)


@pytest.mark.parametrize(
    ("groups", "space", "language", "expected"),
    [
        pytest.param(("minors",), "women", "fa", "rs-women-demo", id="girl"),
        pytest.param(("minors",), "", "fa", "rs-young-demo", id="unaccompanied boy of 16"),
        pytest.param(
            ("minors",), "everybody", "fa", "rs-young-demo", id="boy of 16 who says a mixed space is fine"
        ),
        pytest.param(("adults",), "women", "en", "rs-women-demo", id="trans woman who says women"),
        pytest.param(("adults",), "trans", "en", "rs-trans-demo", id="trans woman who says trans"),
        pytest.param(("adults",), "trans", "fa", "rs-trans-demo", id="trans woman, whatever the language"),
        pytest.param(("adults",), "lgbtiq", "en", "rs-trans-demo", id="non-binary adult"),
        pytest.param(("adults",), "lgbtiq", "ar", "rs-lgbtiq-demo", id="non-binary adult who speaks Arabic"),
        pytest.param(
            ("adults", "minors"), "women", "fa", "rs-women-demo", id="lesbian mother with her child"
        ),
        pytest.param(("adults",), "", "fa", "rs-mixed-demo", id="somebody who says nothing of it"),
        pytest.param((), "", "en", "rs-young-demo", id="somebody who says nothing at all"),
    ],
)
def test_each_of_these_people_is_received_where_they_say_that_it_is_safe(
    groups: tuple[str, ...], space: str, language: str, expected: str
) -> None:
    everybody = [Staffing(each.organisation, each.organisation, keys=2, on_duty=1) for each in NETWORK]

    found = route(
        NETWORK, "general", staffing=everybody, groups=groups, space=space, language=language, today=TODAY
    )

    assert named(found) == expected
    assert found is not None
    assert found.is_space


def test_where_no_team_is_the_space_that_was_named_that_is_known_and_told() -> None:
    found = route(NETWORK[:2], "general", staffing=staffed(rs_mixed_demo=1), space="women", today=TODAY)

    assert named(found) == "rs-mixed-demo"
    assert found is not None
    assert not found.is_space


_NAMES = ("a-demo", "b-demo", "c-demo", "d-demo")
_members = st.builds(
    Candidate,
    organisation=st.sampled_from(_NAMES),
    queues=st.sampled_from([(), ("general",), ("legal",)]),
    places=st.sampled_from([(), ("RS",), ("PT",)]),
    languages=st.sampled_from([(), ("fa",)]),
    serves=st.sampled_from([(), ("adults",), ("minors",), ("adults", "minors")]),
    spaces=st.sampled_from([(), ("women",), ("lgbtiq",)]),
    most_open=st.sampled_from([None, 0, 1, 3]),
    paused_until=st.sampled_from([None, date(2026, 11, 21), date(2026, 11, 22)]),
)
_teams = st.builds(
    Staffing,
    organisation=st.sampled_from(_NAMES),
    name=st.just("Team"),
    keys=st.integers(0, 2),
    on_duty=st.integers(0, 1),
    open_cases=st.integers(0, 4),
)


@given(
    network=st.tuples(
        st.lists(_members, max_size=4, unique_by=lambda each: each.organisation),
        st.lists(_teams, max_size=4, unique_by=lambda each: each.organisation),
    ),
    excluded=st.frozensets(st.sampled_from(_NAMES), max_size=2),
    band=st.sampled_from(["", "minors", "adults"]),
    space=st.sampled_from(["", "women", "lgbtiq"]),
    urgent=st.booleans(),
)
def test_who_gets_a_case_may_get_it_and_nobody_better_was_passed_over(
    network: tuple[list[Candidate], list[Staffing]],
    excluded: frozenset[str],
    band: str,
    space: str,
    urgent: bool,  # hypothesis fills it by name
) -> None:
    members, teams = network

    def ask(staffing: list[Staffing], without: frozenset[str] = frozenset()) -> Reception | None:
        return route(
            members,
            "general",
            places=("RS",),
            staffing=staffing,
            groups=(band,) if band else (),
            excluded=excluded | without,
            space=space,
            urgent=urgent,
            today=TODAY,
        )

    found = ask(teams)

    assert found == ask(teams[::-1])
    if found is None:
        return
    member = next(each for each in members if each.organisation == found.organisation)
    team = next(each for each in teams if each.organisation == found.organisation)
    assert found.organisation not in excluded
    assert "general" in (member.queues or ("general",))
    assert not member.places or "RS" in member.places
    assert team.keys > 0
    assert member.most_open != 0
    assert member.paused_until is None or member.paused_until <= TODAY
    assert band != "minors" or not member.serves or "minors" in member.serves
    assert band != "adults" or member.serves != ("minors",)
    other = ask(teams, frozenset({found.organisation}))
    if other is None or other.is_space != found.is_space:
        assert other is None or found.is_space
        return
    if urgent:
        assert found.on_duty or not other.on_duty
        assert not found.full or other.full or other.on_duty < found.on_duty
    else:
        assert not found.full or other.full
        assert found.on_duty or not other.on_duty or other.full
