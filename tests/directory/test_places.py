"""Places are found by the names people give them, in any script, and lie inside one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory.places import Places, distance
from bot.nlu.normalise import fold
from tests.directory.samples import PLACES

HERE = Places.build(PLACES, fold=fold)


@pytest.mark.parametrize("text", ["Belgrade", "BEOGRAD", "Београд", " beograd ", "rs-beograd"])
def test_a_name_as_written_in_any_script_is_sure(text: str) -> None:
    assert HERE.find(text)[0] == ("rs-beograd", 1.0)


@pytest.mark.parametrize("text", ["Belgrad", "Beograde", "I am in Belgrade now"])
def test_a_name_nearly_written_is_found_and_not_sure(text: str) -> None:
    place, score = HERE.find(text)[0]

    assert place == "rs-beograd"
    assert score < 1.0


def test_a_city_named_with_its_country_is_the_city() -> None:
    assert [place for place, _ in HERE.find("Beograd, Srbija")] == ["rs-beograd"]
    assert [place for place, _ in HERE.find("from Niš to Belgrade")] == ["rs-beograd", "rs-nis"]


def test_a_short_name_inside_a_sentence_is_only_perhaps_meant() -> None:
    assert HERE.find("I sleep in nis tonight") == (("rs-nis", 0.7),)


@pytest.mark.parametrize("text", ["", "   ", "zzzzzz", "no", "?", "x" * 5000])
def test_what_is_no_place_finds_none(text: str) -> None:
    assert HERE.find(text) == ()


def test_countries_are_found_by_name_and_by_code() -> None:
    assert HERE.find("Srbija")[0] == ("RS", 1.0)
    assert [HERE.resolve(word) for word in ("rs", "RS", "Serbia", "Portugal", "atlantis")] == [
        "RS", "RS", "RS", "PT", None,
    ]  # fmt: skip


def test_a_place_lies_in_what_is_above_it() -> None:
    assert HERE.around("rs-krnjaca") == ("rs-krnjaca", "rs-beograd", "RS")
    assert HERE.within("RS") == {"rs-beograd", "rs-krnjaca", "rs-nis"}
    assert HERE.country_of("rs-krnjaca") == "RS"
    assert HERE.country_of("atlantis") is None


def test_a_place_is_named_in_the_language_asked_for_or_in_english_or_by_any_name() -> None:
    assert [HERE.name("rs-beograd", code) for code in ("sr", "fa")] == ["Beograd", "Belgrade"]
    assert HERE.name("rs-nis", "en") == "Niš"
    assert HERE.name("atlantis", "en") == "atlantis"


def test_distances_are_in_kilometres() -> None:
    assert round(distance((44.81, 20.46), (43.32, 21.90))) == 202


@given(st.text(max_size=60))
def test_no_text_makes_the_search_fail_and_scores_stay_in_range(text: str) -> None:
    for place, score in HERE.find(text):
        assert place in HERE.by_id
        assert 0 < score <= 1
