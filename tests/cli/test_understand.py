"""`fener understand`: its JSON is a contract, and the messages themselves are never repeated there."""

import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.labelled import Labelled, Read, calibrate, figures, read_labelled
from bot.cli.main import main
from bot.cli.understand import Reader, understood
from bot.content.folders import load_words
from bot.kernel.errors import StartError
from bot.nlu.intents import banded

ROOT = Path(__file__).parents[2]
READER = Reader.of(load_words(ROOT)[0])
KEYS = {"text_no", "language", "crisis", "command", "band", "flows"}


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `fener understand` on these bytes: exit code, output, errors."""

    def run(source: bytes, *options: str, content: Path = ROOT) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(source)))
        code = main(["understand", "--content", str(content), *options])
        return code, *capsys.readouterr()

    return run


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_each_message_becomes_one_line_of_json_with_exactly_these_keys(say: Any) -> None:
    code, out, errors = say(b"I want to die\nhow do i apply for asylum\n\n9\n", "--json")

    found = lines(out)
    assert (code, errors) == (0, "")
    assert [line["text_no"] for line in found] == [1, 2, 3, 4]
    assert all(set(line) == KEYS for line in found)
    assert found[0]["crisis"] == ["suicide"]
    assert (found[1]["band"], found[1]["flows"][0][0]) == ("sure", "asylum.sogiesc.rs")
    assert found[1]["language"] == "en"
    assert len(found[1]["flows"]) == 3
    assert (found[2]["band"], found[2]["flows"]) == ("none", [])
    assert found[3]["command"] == "person"


def test_words_of_danger_are_heard_in_any_language_whatever_the_conversation_is_in(say: Any) -> None:
    _, out, _ = say("hoću da umrem\nأريد أن أموت\n".encode(), "--json", "--lang", "pt")

    assert [line["crisis"][0] for line in lines(out)] == ["suicide", "suicide"]


def test_the_language_of_the_conversation_counts_where_a_message_does_not_tell_its_own(say: Any) -> None:
    _, out, _ = say("ok\nمن کمک می‌خواهم چون پلیس\n".encode(), "--json", "--lang", "pt")

    assert [line["language"] for line in lines(out)] == ["pt", "fa"]


@pytest.mark.parametrize("option", [[], ["--explain"]])
def test_json_never_repeats_a_message(say: Any, option: list[str]) -> None:
    _, out, _ = say(b"my zebrafish Quixote wants to die in Xanadu\n", "--json", *option)

    assert not any(word in out.casefold() for word in ("zebrafish", "quixote", "wants", "xanadu"))


def test_explaining_names_the_words_that_decided(say: Any) -> None:
    _, out, _ = say(b"i want to die\nhow do i apply for asylum\n", "--explain")

    assert "danger is heard because of: " in out
    assert "asylum.sogiesc.rs because of: asylum +" in out
    assert "sure from 0.46" in out


def test_what_is_no_text_at_all_is_still_answered_line_by_line(say: Any) -> None:
    code, out, _ = say(b"\xff\xfe\x00\n" + b"a" * 200_000 + b"\n\xef\xbb\xbfhelp", "--json")

    assert code == 0
    assert [line["text_no"] for line in lines(out)] == [1, 2, 3]


def test_only_translations_are_needed(say: Any, tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "broken.yaml").write_text("flow: [", encoding="utf-8")
    folder = tmp_path / "translations" / "en"
    folder.mkdir(parents=True)
    phrases = "".join(f"  - where can i fish for trout {number}\n" for number in range(8))
    other = "".join(f"  - tell me about the moon {number}\n" for number in range(8))
    (folder / "phrases.yaml").write_text(f"fishing:\n{phrases}moon:\n{other}", encoding="utf-8")

    code, out, _ = say(b"i look for trout to fish\n", "--json", content=tmp_path)

    assert code == 0
    assert lines(out)[0]["flows"][0][0] == "fishing"


def test_word_lists_with_errors_are_refused_with_place_and_mend(say: Any, tmp_path: Path) -> None:
    folder = tmp_path / "translations" / "en"
    folder.mkdir(parents=True)
    (folder / "crisis.yaml").write_text("anger: [rage]\n", encoding="utf-8")

    code, out, errors = say(b"hi\n", content=tmp_path)

    assert (code, out) == (1, "")
    assert errors.startswith("translations/en/crisis.yaml:1:1: T402")
    assert "mend: " in errors


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--content", "/nowhere"], "there is no folder /nowhere"),
        (["--lang", "xx"], "there is no language 'xx'"),
        (["--labelled", "/nowhere.yaml"], "there is no file /nowhere.yaml"),
        (["calibrate"], "calibrate needs sentences"),
    ],
)
def test_wrong_usage_is_one_sentence(say: Any, options: list[str], told: str) -> None:
    code, out, errors = say(b"", *options)

    assert (code, out) == (2, "")
    assert told in errors
    assert errors.count("\n") == 1


# --- labelled sentences --------------------------------------------------------------------------------


SENTENCES = """\
- {lang: en, intent: asylum.sogiesc.rs, text: how do i apply for asylum}
- {lang: en, intent: null, text: what is the weather in Paris tomorrow}
- {lang: en, crisis: true, text: i want to die}
- {lang: en, crisis: false, text: my phone battery is dead}
- {lang: pt, crisis: true, text: quero morrer}
"""


def test_labelled_sentences_give_figures_for_each_language_and_for_all(say: Any, tmp_path: Path) -> None:
    file = tmp_path / "labelled.yaml"
    file.write_text(SENTENCES, encoding="utf-8")

    code, out, _ = say(b"", "--labelled", str(file), "--json")

    found = json.loads(out)
    assert code == 0
    assert list(found) == ["en", "pt", "all"]
    assert found["en"] == {
        "n": 4,
        "accuracy_at_1": 1.0,
        "recall_at_3": 1.0,
        "coverage": 1.0,
        "precision": 1.0,
        "out_of_scope_answered": 0.0,
        "ordinary_flagged": 0.0,
        "crisis_recall": 1.0,
        "near_miss_flagged": 0.0,
    }
    assert found["pt"] == {"n": 1, "crisis_recall": 1.0, "near_miss_flagged": None}
    assert found["all"]["n"] == 5


def test_labelled_sentences_can_be_read_as_a_table_and_for_one_language(say: Any, tmp_path: Path) -> None:
    file = tmp_path / "labelled.yaml"
    file.write_text(SENTENCES, encoding="utf-8")

    _, out, _ = say(b"", "--labelled", str(file), "--lang", "pt")

    assert [line.split()[0] for line in out.splitlines()] == ["lang", "pt", "all"]


def test_what_was_misunderstood_is_named_by_its_place_and_not_by_its_words(say: Any, tmp_path: Path) -> None:
    file = tmp_path / "labelled.yaml"
    file.write_text("- {lang: en, intent: sos.numbers, text: how do i apply for asylum}\n", encoding="utf-8")

    _, _, errors = say(b"", "--labelled", str(file), "--explain")

    assert errors == "sentence 1 (en): wanted sos.numbers, sure asylum.sogiesc.rs\n"


def test_a_sure_answer_to_a_message_that_no_flow_answers_lowers_precision() -> None:
    right = Read(1, Labelled("en", "x", "a"), (("a", 0.9), ("b", 0.1)), flagged=False)
    wrong = Read(2, Labelled("en", "y"), (("a", 0.9), ("b", 0.1)), flagged=True)

    assert figures([right, wrong]) == {
        "n": 2,
        "accuracy_at_1": 1.0,
        "recall_at_3": 1.0,
        "coverage": 1.0,
        "precision": 0.5,
        "out_of_scope_answered": 1.0,
        "ordinary_flagged": 0.5,
    }


def test_calibrating_takes_the_most_sure_answers_that_are_right_often_enough() -> None:
    clear = [Read(n, Labelled("en", "x", "a"), (("a", 0.6), ("b", 0.1)), flagged=False) for n in range(19)]
    vague = [Read(n, Labelled("en", "y", "b"), (("a", 0.3), ("b", 0.2)), flagged=False) for n in range(9)]

    now, best = calibrate([*clear, *vague])

    assert now.reaches
    assert best is not None
    assert best.figures["coverage"] == round(19 / 28, 3)
    assert banded(vague[0].ranked, best.thresholds).band == "unsure"
    assert calibrate(vague)[1] is None


def test_calibrate_says_what_is_in_force_what_would_do_and_that_nothing_keeps_it_yet(
    say: Any, tmp_path: Path
) -> None:
    file = tmp_path / "labelled.yaml"
    file.write_text(SENTENCES, encoding="utf-8")

    code, out, _ = say(b"", "calibrate", "--labelled", str(file))

    assert code == 0
    assert "In force:  sure 0.46, margin 0.2" in out
    assert "Best here: sure " in out
    assert "There is no content release yet" in out


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("lang: en\n", "must be a list of sentences"),
        ("- {lang: en, text: a}\n- {lang: en}\n", "sentence 2: 'lang' and 'text' are needed"),
        ("- {lang: en, text: a, crisis: perhaps}\n", "sentence 1: 'crisis' is true or false"),
        ("- [a]\n", "sentence 1: write"),
        ("- {\n", "is not valid YAML"),
    ],
)
def test_a_labelled_file_that_is_none_is_refused_with_the_first_sentence_that_is_wrong(
    say: Any, tmp_path: Path, source: str, told: str
) -> None:
    file = tmp_path / "labelled.yaml"
    file.write_text(source, encoding="utf-8")

    code, _, errors = say(b"", "--labelled", str(file))

    assert code == 1
    assert told in errors


def test_words_that_yaml_takes_for_truth_stay_words(tmp_path: Path) -> None:
    file = tmp_path / "labelled.yaml"
    file.write_text("- {lang: no, text: yes, intent: ~}\n- {lang: en, text: 2026-11-21}\n", encoding="utf-8")

    assert read_labelled(file) == [Labelled("no", "yes"), Labelled("en", "2026-11-21")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=st.binary(max_size=200))
def test_no_labelled_file_ends_in_anything_but_sentences_or_a_refusal(tmp_path: Path, source: bytes) -> None:
    file = tmp_path / "labelled.yaml"
    file.write_bytes(source)

    found = []
    with suppress(StartError):
        found = read_labelled(file)

    assert all(each.lang and each.text for each in found)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=120))
def test_any_message_is_read(text: str) -> None:
    meaning = understood(READER, text)

    assert meaning.guesses.band in {"sure", "unsure", "none"}
    assert len(meaning.guesses.best) <= 3


def test_a_message_on_the_command_line_is_refused_and_not_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["understand", "they want to marry me off"])

    errors = capsys.readouterr().err
    assert refused.value.code == 2
    assert "standard input" in errors
    assert "marry" not in errors
