from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.content.marks import read_yaml
from bot.i18n.wordfiles import parse_phrases
from bot.nlu.intents import SUGGESTIONS, Guesses, IntentModel
from bot.nlu.normalise import words_of

ROOT = Path(__file__).parents[2]
LABELLED = [
    item
    for item in yaml.safe_load((Path(__file__).parent / "labelled.yaml").read_text("utf-8"))
    if "crisis" not in item
]
SHIPPED_FLOWS = (
    "start.language",
    "start.safety_check",
    "menu.main",
    "menu.one_minute",
    "info.sogiesc",
    "asylum.sogiesc.rs",
    "crisis.now",
    "sos.numbers",
    "shelter.urgent",
    "mental.health",
    "human.talk",
    "human.wait",
    "data.my",
    "feedback",
    "start.alone",
)


def _phrases() -> dict[str, dict[str, tuple[str, ...]]]:
    found = {}
    for path in sorted((ROOT / "translations").glob("*/phrases.yaml")):
        node, faults = read_yaml(path.read_bytes(), path.name)
        assert node is not None
        phrases, problems = parse_phrases(node, path.parent.name)
        assert [*faults, *problems] == []
        found[path.parent.name] = dict(phrases)
    return found


PHRASES = _phrases()
MODEL = IntentModel.train(PHRASES)


def test_every_shipped_flow_can_be_found_in_english_words() -> None:
    assert all(len(PHRASES["en"].get(flow, ())) >= 12 for flow in SHIPPED_FLOWS)
    assert set(SHIPPED_FLOWS) <= set(MODEL.flows)


def test_the_sentences_that_measure_are_not_the_sentences_that_teach() -> None:
    taught = {
        words_of(phrase) for flows in PHRASES.values() for phrases in flows.values() for phrase in phrases
    }

    assert not taught & {words_of(item["text"]) for item in LABELLED}


def test_sure_answers_are_right_and_messages_out_of_scope_get_none() -> None:
    guessed = [(MODEL.guess(item["text"]), item["intent"]) for item in LABELLED]
    sure = [guesses.best[0][0] == wanted for guesses, wanted in guessed if guesses.band == "sure"]
    outside = [guesses.band == "sure" for guesses, wanted in guessed if wanted is None]

    assert sum(sure) >= 0.95 * len(sure)
    assert sum(outside) <= 0.05 * len(outside)
    assert len(sure) >= 0.2 * len(guessed)


def test_the_right_flow_is_nearly_always_among_the_suggestions() -> None:
    inside = [(MODEL.guess(item["text"]), item["intent"]) for item in LABELLED if item["intent"]]
    first = [guesses.best[0][0] == wanted for guesses, wanted in inside]
    third = [wanted in [flow for flow, _ in guesses.best] for guesses, wanted in inside]

    assert sum(first) >= 0.66 * len(first)
    assert sum(third) >= 0.9 * len(third)


@pytest.mark.parametrize("flow", SHIPPED_FLOWS)
def test_a_phrase_typed_as_taught_leads_to_its_flow(flow: str) -> None:
    for phrase in PHRASES["en"][flow]:
        guesses = MODEL.guess(phrase)
        assert guesses.best[0][0] == flow, phrase
        assert guesses.band != "none", phrase


@pytest.mark.parametrize("text", ["", "???", "123", "qqqq", "ᚠᚢᚦ", "你好吗"])
def test_what_no_phrase_resembles_is_honestly_not_understood(text: str) -> None:
    assert MODEL.guess(text).band == "none"


def test_the_catch_all_is_never_suggested() -> None:
    assert "none" not in MODEL.flows
    assert all(flow != "none" for item in LABELLED for flow, _ in MODEL.guess(item["text"]).best)


def test_a_model_without_phrases_never_guesses() -> None:
    assert IntentModel.train({}).guess("hello") == Guesses("none")
    assert IntentModel.train({"en": {}}).guess("hello") == Guesses("none")
    assert IntentModel.train({"en": {"a": ["hello"]}}).guess("hello").best[0][0] == "a"


def test_several_languages_are_understood_together() -> None:
    model = IntentModel.train(
        {
            "en": {"sleep": ["place to sleep", "need a bed"], "law": ["free lawyer", "asylum help"]},
            "sr": {
                "sleep": ["gde da spavam", "treba mi krevet"],
                "law": ["besplatan advokat", "pomoć za azil"],
            },
        }
    )

    assert model.guess("где могу да спавам").best[0][0] == "sleep"
    assert model.guess("advokat").best[0][0] == "law"
    assert model.guess("a free lawyer please").best[0][0] == "law"


def test_training_twice_gives_the_same_guesses() -> None:
    again = IntentModel.train(PHRASES)

    assert all(again.guess(item["text"]) == MODEL.guess(item["text"]) for item in LABELLED[:20])


@given(st.text())
def test_no_message_breaks_guessing_and_shares_are_shares(text: str) -> None:
    guesses = MODEL.guess(text)

    assert len(guesses.best) <= SUGGESTIONS
    assert all(0 <= share <= 1 for _, share in guesses.best)
    assert [share for _, share in guesses.best] == sorted((share for _, share in guesses.best), reverse=True)
