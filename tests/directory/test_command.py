"""`fener directory match` and `due`: exact JSON for scripts, plain words for operators, one sentence for a slip."""

import json
import re
from pathlib import Path

import pytest

from bot.cli.main import main
from tests.directory.test_parse import WHOLE, write

SHELTER = """\
organisation: rs-house
name: {en: House}
country: RS
services:
  - service: night
    name: {en: Night}
    needs: [legal_asylum]
    safety: {sogiesc_trained: unknown}
    areas: [RS]
    vetting: {state: vetted, by: [a, b], on: 2026-01-01, expires: 2999-01-01}
  - service: gone
    name: {en: Gone}
    needs: [legal_asylum]
    vetting: {state: vetted, by: [a, b], on: 2020-01-01, expires: 2020-06-01}
"""


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # no fener.toml there
    lasting = WHOLE["rs/rs-lantern.yaml"].replace("2027-05-01", "2999-05-01")
    write(tmp_path, {**WHOLE, "rs/rs-lantern.yaml": lasting, "rs/rs-house.yaml": SHELTER})
    return tmp_path


def fener(content: Path, *words: str) -> int:
    return main(["directory", *words, "--content", str(content)])


def test_json_has_exactly_the_promised_shape(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fener(content, "match", "--need", "legal_asylum", "--safety", "sogiesc_trained", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"matches", "removed", "relaxed"}
    assert found["removed"] == {"vetting": 1, "safety": 1}
    assert found["relaxed"] == []
    [match] = found["matches"]
    assert set(match) == {"organisation", "service", "score", "reasons", "unknown"}
    assert (match["organisation"], match["service"]) == ("rs-lantern", "legal")
    assert 0 < match["score"] <= 1
    assert "need:legal_asylum" in match["reasons"]
    assert "safety:sogiesc_trained" in match["reasons"]


def test_words_explain_reasons_unknowns_and_what_was_removed(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        fener(
            content, "match", "--need", "legal_asylum", "--place", "rs-beograd", "--lang", "fa", "--for", "trans",
            "--safety", "sogiesc_trained",
        )
        == 0
    )  # fmt: skip

    said = capsys.readouterr().out
    assert "legal_asylum in rs-beograd: 0 would be offered, 0 shown." in said
    assert "1 by population: for other people" in said
    assert "1 by vetting" in said
    assert "1 by safety: not known to be safe as asked, 1 only because nobody knows" in said


def test_unvetted_services_are_shown_only_when_asked_for_and_say_so(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fener(content, "match", "--need", "legal_asylum", "--json", "--include-unvetted")

    by_service = {one["service"]: one for one in json.loads(capsys.readouterr().out)["matches"]}
    assert "vetting:lapsed" in by_service["gone"]["unknown"]
    assert not any(word.startswith("vetting") for word in by_service["legal"]["unknown"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--need", "legal_asylm"], "there is no need 'legal_asylm'; the nearest are: legal_asylum."),
        (["--need", "legal_asylum", "--place", "rs-beogrd"], "there is no place 'rs-beogrd'; the nearest are: rs-beograd."),
        (["--need", "legal_asylum", "--lang", "Farsi"], "there is no language 'Farsi'; the nearest are: fa."),
        (["--need", "legal_asylum", "--for", "tranz"], "there is no population 'tranz'; the nearest are: trans."),
        (["--need", "legal_asylum", "--without", "stat"], "there is no organisation or kind 'stat'; the nearest are: state."),
        (["--need", "legal_asylum", "--safety", "records_call"], "there is no safety word 'records_call'; the nearest are: records_calls."),
    ],
)  # fmt: skip
def test_an_unknown_word_is_wrong_usage_with_one_sentence(
    content: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert fener(content, "match", *words) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"fener directory match: {sentence}\n"


def test_what_would_help_is_said_with_the_option_that_shows_it(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fener(content, "match", "--need", "legal_asylum", "--lang", "ru", "fa")
    said = capsys.readouterr().out
    assert "1 more if another language is possible: --relax language" in said

    fener(content, "match", "--need", "legal_asylum", "--lang", "ru", "fa", "--relax", "language")
    said = capsys.readouterr().out
    assert "Only what the filter 'language' removes." in said
    assert "rs-house/night" in said
    assert "rs-lantern" not in said


def test_what_only_age_or_vetting_removes_is_told_and_has_no_option(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fener(content, "match", "--need", "legal_asylum", "--age", "15")

    said = capsys.readouterr().out
    assert "1 fit in every other way, removed only by age; never relaxed" in said
    assert "1 fit in every other way, removed only by vetting; never relaxed" in said
    assert "--relax" not in said


def test_organisations_and_kinds_can_be_left_out(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for word, left in (("rs-lantern", {"rs-house"}), ("ngo", set()), ("state", {"rs-house", "rs-lantern"})):
        fener(content, "match", "--need", "legal_asylum", "--json", "--without", word)

        assert {one["organisation"] for one in json.loads(capsys.readouterr().out)["matches"]} == left


def test_several_words_may_be_repeated_listed_or_parted_by_commas(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = set()
    for words in (["--lang", "sr", "fa"], ["--lang", "sr,fa"], ["--lang", "sr", "--lang", "fa"]):
        assert fener(content, "match", "--need", "legal_asylum", "--json", *words) == 0
        said.add(capsys.readouterr().out)

    assert len(said) == 1


def test_a_directory_with_errors_is_refused_with_every_mend(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = content / "directory" / "rs" / "rs-house.yaml"
    path.write_text(SHELTER.replace("areas: [RS]", "area: [RS]"), "utf-8")

    assert fener(content, "match", "--need", "legal_asylum") == 1
    assert capsys.readouterr().err == (
        "directory/rs/rs-house.yaml:9:5: D101 a service has no 'area'\n  mend: write 'areas', or remove it\n"
    )


def test_what_is_due_comes_with_the_lapsed_first(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fener(content, "due") == 0

    assert capsys.readouterr().out == "rs-house/gone: lapsed, until 2020-06-01\n1 to look at.\n"


@pytest.mark.parametrize(
    ("environment", "offered"),
    [
        ({}, True),
        ({"FENER_TELEGRAM_TOKEN": "1:x", "FENER_KEY_CUSTODY": "file"}, False),
        ({"FENER_TELEGRAM_TOKEN": "1:x", "FENER_KEY_CUSTODY": "file", "FENER_DEMO": "1"}, True),
    ],
)
def test_fictitious_services_are_offered_only_without_a_real_channel(
    content: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    *,
    offered: bool,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    path = content / "directory" / "rs" / "rs-house.yaml"
    path.write_text(SHELTER.replace("country: RS", "country: RS\ndemo: yes"), "utf-8")

    assert fener(content, "match", "--need", "legal_asylum") == 0

    assert bool(re.search(r"Night \[demo\]", capsys.readouterr().out)) is offered
