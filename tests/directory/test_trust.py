"""What people say of a service can only lower it, within bounds, and fades; it decides nothing that a filter decides."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.directory.matching import Directory, Query
from bot.directory.model import Organisation, Service, Vetting
from bot.directory.ranking import TRUST
from bot.directory.trust import HALF_LIFE_DAYS, OUTCOMES, Told, lowered
from bot.nlu.normalise import fold
from tests.directory.samples import NOW, PLACES, SERVICE, TAXONOMY
from tests.flow.stage import a_directory

TOLD = st.lists(
    st.builds(Told, st.sampled_from(OUTCOMES), st.integers(10, 500), st.integers(0, 800)), max_size=6
)
NAMES = ("alpha", "beta", "gamma", "delta")


def listed(*services: Service) -> Directory:
    organisations = [Organisation(f"rs-{one.id}", {"en": one.id}, "RS", services=(one,)) for one in services]
    return Directory.build(organisations, TAXONOMY, PLACES, a_directory().network, fold=fold)


def found(directory: Directory, trusted_less: dict[str, float]) -> dict[str, float]:
    query = Query(need="legal_asylum", limit=20, trusted_less=trusted_less)
    return {one.service.id: one.score for one in directory.match(query, NOW).matches}


def test_a_service_of_which_nobody_said_anything_is_trusted_as_a_new_one() -> None:
    assert lowered([]) == 0


def test_good_words_alone_raise_nobody() -> None:
    assert lowered([Told("helped", 1000, 0)]) == 0


def test_who_is_turned_away_weighs_twice_as_much_as_who_was_not_helped() -> None:
    assert lowered([Told("did_not", 20, 0)]) == pytest.approx(lowered([Told("turned_away", 10, 0)]))
    assert lowered([Told("did_not", 10, 0)]) == pytest.approx(0.5)


def test_what_was_said_half_a_year_ago_weighs_half() -> None:
    assert lowered([Told("did_not", 20, HALF_LIFE_DAYS)]) == pytest.approx(lowered([Told("did_not", 10, 0)]))


@given(TOLD)
def test_the_share_is_never_below_nothing_or_above_all(told: list[Told]) -> None:
    assert 0 <= lowered(told) < 1


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from([f"rs-{name}/{name}" for name in NAMES]), st.floats(0, 1)))
def test_whatever_is_said_the_same_services_are_found_and_none_scores_more(shares: dict[str, float]) -> None:
    lapsed = replace(SERVICE, id="delta", vetting=Vetting())
    directory = listed(*(replace(SERVICE, id=name) for name in NAMES[:3]), lapsed)
    before = found(directory, {})

    after = found(directory, shares)

    assert set(after) == set(before) == set(NAMES[:3])
    for name, score in after.items():
        assert before[name] - TRUST - 0.0002 <= score <= before[name]


def test_among_equals_the_one_that_people_were_turned_away_from_comes_last() -> None:
    directory = listed(*(replace(SERVICE, id=name) for name in ("alpha", "beta")))
    assert list(found(directory, {})) == ["alpha", "beta"]

    assert list(found(directory, {"rs-alpha/alpha": 0.5})) == ["beta", "alpha"]


def test_what_is_said_of_a_service_that_is_gone_changes_nothing() -> None:
    directory = listed(replace(SERVICE, id="alpha"))

    assert found(directory, {"rs-zeta/zeta": 1.0, "aa/aa": 1.0, "rs-alpha": 1.0}) == found(directory, {})
