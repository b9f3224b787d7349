from pathlib import Path
from time import perf_counter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.content.marks import read_yaml
from bot.i18n.wordfiles import CRISIS_KINDS, parse_crisis
from bot.nlu.crisis import CrisisHit, CrisisLists

TRANSLATIONS = Path(__file__).parents[2] / "translations"
LABELLED = yaml.safe_load((Path(__file__).parent / "labelled.yaml").read_text("utf-8"))
SMALL = CrisisLists(
    {
        "en": {
            "suicide": ("want ... die", "suicid*", "suicide", "kill myself"),
            "danger now": ("will kill me",),
            "medical": ("bleeding",),
            "harmless": ("want to die laughing", "bleeding edge"),
        },
        "ar": {"danger now": ("خطر",)},
        "sr": {"suicide": ("ubiću se",)},
    }
)


def _shipped() -> CrisisLists:
    lists = {}
    for path in sorted(TRANSLATIONS.glob("*/crisis.yaml")):
        node, faults = read_yaml(path.read_bytes(), path.name)
        assert node is not None
        lists[path.parent.name], problems = parse_crisis(node, path.parent.name)
        assert faults == []
        assert [problem for problem in problems if problem.severity == "error"] == []
    return CrisisLists(lists)


SHIPPED = _shipped()


@pytest.mark.parametrize(
    "text",
    [
        "I want to die",
        "i WANT to just die!!",
        "i want, to die",
        "suicidal",
        "SUICIIIDE",
        "suicde",
        "kil myself",
        "Убићу се",
        "ubicu se",
    ],
)
def test_danger_is_found_through_case_script_spelling_and_slips(text: str) -> None:
    assert SMALL.find(text) == CrisisHit(("suicide",), softened=False)


@pytest.mark.parametrize("text", ["I don't want to die", "I am not suicidal", "never will kill me"])
def test_a_negation_softens_and_never_silences(text: str) -> None:
    hit = SMALL.find(text)

    assert hit is not None
    assert hit.softened


def test_a_negation_of_one_danger_does_not_soften_another() -> None:
    hit = SMALL.find("I don't want to die. He will kill me")

    assert hit == CrisisHit(("suicide", "danger now"), softened=False)


def test_a_no_in_another_sentence_does_not_soften() -> None:
    assert SMALL.find("No. I want to die") == CrisisHit(("suicide",), softened=False)


def test_the_most_severe_kind_comes_first_whatever_the_order_of_words() -> None:
    hit = SMALL.find("bleeding, he will kill me, i want to die")

    assert hit is not None
    assert hit.kinds == ("suicide", "danger now", "medical")
    assert list(hit.kinds) == sorted(hit.kinds, key=CRISIS_KINDS.index)


def test_an_everyday_phrase_is_taken_out_but_danger_beside_it_is_still_found() -> None:
    assert SMALL.find("i want to die laughing") is None
    assert SMALL.find("bleeding edge phone") is None
    assert SMALL.find("i want to die laughing they say but i am bleeding") == CrisisHit(
        ("medical",), softened=False
    )


def test_words_written_together_with_an_arabic_word_do_not_hide_it() -> None:
    assert SMALL.find("أنا بخطر") == CrisisHit(("danger now",), softened=False)
    assert SMALL.find("والخطر") == CrisisHit(("danger now",), softened=False)


@pytest.mark.parametrize(
    "text", ["", "1", "٢", "   ", "?!", "2️⃣", "yes", "Talk to a person", "want", "die", "the kill list"]
)
def test_what_says_nothing_of_danger_is_left_alone(text: str) -> None:
    assert SMALL.find(text) is None


@pytest.mark.parametrize(
    "item", [i for i in LABELLED if i.get("crisis") is True], ids=lambda item: item["text"]
)
def test_every_known_cry_for_help_is_heard(item: dict[str, str]) -> None:
    assert SHIPPED.find(item["text"]) is not None


def test_most_near_misses_and_nearly_all_ordinary_messages_are_not_flagged() -> None:
    near = [SHIPPED.find(item["text"]) is not None for item in LABELLED if item.get("crisis") is False]
    ordinary = [SHIPPED.find(item["text"]) is not None for item in LABELLED if "crisis" not in item]

    assert sum(near) <= 0.15 * len(near)
    assert sum(ordinary) <= 0.02 * len(ordinary)


@pytest.mark.parametrize(
    "word", ["tired of living", "khodkoshi", "antihar", "samoubistvo", "suicidio", "intihar", "suicide"]
)
def test_the_words_named_by_the_safety_rules_are_heard_in_any_conversation(word: str) -> None:
    hit = SHIPPED.find(f"... {word} ...")

    assert hit is not None
    assert hit.kinds[0] == "suicide"


@pytest.mark.parametrize(
    "path", sorted(TRANSLATIONS.glob("*/crisis.yaml")), ids=lambda path: path.parent.name
)
def test_every_listed_pattern_finds_itself(path: Path) -> None:
    node, _ = read_yaml(path.read_bytes(), path.name)
    assert node is not None
    for kind, patterns in parse_crisis(node, path.parent.name)[0].items():
        if kind == "harmless":
            continue
        for pattern in patterns:
            hit = SHIPPED.find(pattern.replace("...", " ").replace("*", ""))
            assert hit is not None, pattern
            assert kind in hit.kinds, pattern


@given(st.text())
def test_no_message_breaks_the_search(text: str) -> None:
    SHIPPED.find(text)


@given(st.text(max_size=60), st.text(max_size=60))
def test_danger_is_heard_whatever_stands_around_it_in_other_sentences(before: str, after: str) -> None:
    assert SMALL.find(f"{before}. kill myself. {after}") is not None


@given(st.lists(st.text(max_size=20), max_size=5), st.text(max_size=40))
def test_no_list_breaks_the_search(patterns: list[str], text: str) -> None:
    CrisisLists({"xx": {"suicide": patterns, "harmless": patterns}}).find(text)


def test_words_joined_by_a_plus_are_found_in_any_order_but_only_near_each_other() -> None:
    lists = CrisisLists({"en": {"trafficking": ("passport + took",)}})
    far = " ".join(["and"] * 12)

    assert lists.find("they took away my passport") is not None
    assert lists.find("my passport, the boss took it") is not None
    assert lists.find("my passport") is None
    assert lists.find(f"took {far} passport") is None


def test_a_short_word_alone_is_not_mistaken_for_its_neighbour() -> None:
    assert CrisisLists({"en": {"trafficking": ("slave",)}}).find("please save this") is None
    assert CrisisLists({"fa": {"trafficking": ("روسپی",)}}).find("روسی") is None


def test_danger_at_the_end_of_a_long_wail_is_heard() -> None:
    assert SMALL.find("kill " * 60 + "kill myself") is not None
    assert SMALL.find("want " * 60 + "to die") is not None


def test_a_message_made_to_be_slow_takes_no_longer_than_a_blink() -> None:
    started = perf_counter()

    SHIPPED.find("kill me passport took want die " * 130)

    assert perf_counter() - started < 2  # seconds, on a busy machine; without bounds it takes many times that
