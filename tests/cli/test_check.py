import argparse
import json
from pathlib import Path

import jsonschema
import pytest

from bot.cli.check import add, run
from tests.content.foreign import HOUSING, write

BROKEN = {"flows/housing.yaml": HOUSING.replace("go: person", "go: persn").replace("give up:", "give_up:")}
SAID = (
    "flows/housing.yaml:36:13: F104 'go: persn' leads nowhere\n"
    "  mend: write 'person' (defined at flows/housing.yaml:49:3)\n"
)


def check(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add(parser)
    return run(parser.parse_args(words))


def test_sound_content_is_answered_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--content", str(write(tmp_path))) == 0
    assert capsys.readouterr() == ("", "no problems\n")


def test_each_problem_is_a_place_what_is_wrong_and_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--content", str(write(tmp_path, BROKEN))) == 1
    assert capsys.readouterr() == (SAID, "1 error, 0 warnings\n")


def test_warnings_alone_are_answered_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = HOUSING + (
        "facts:\n  water:\n    text: Water is free.\n    source: a page\n    checked on: 2020-01-01\n"
        "    checked by: editor-a\n    expires on: 2020-06-01\n    state: reviewed\n"
    )
    assert check("--content", str(write(tmp_path, {"flows/housing.yaml": old}))) == 0
    said = capsys.readouterr()
    assert said.out.startswith("flows/housing.yaml:64:3: F602 warning: the fact 'water' lapsed on 2020-06-01")
    assert said.err == "0 errors, 1 warning\n"


def test_json_is_a_list_of_problems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--content", str(write(tmp_path, BROKEN)), "--format", "json") == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "code": "F104",
            "file": "flows/housing.yaml",
            "line": 36,
            "column": 13,
            "severity": "error",
            "message": "'go: persn' leads nowhere",
            "mend": "write 'person' (defined at flows/housing.yaml:49:3)",
        }
    ]


def test_sarif_names_rule_level_and_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--content", str(write(tmp_path, BROKEN)), "--format", "sarif") == 1
    log = json.loads(capsys.readouterr().out)
    [result] = log["runs"][0]["results"]

    jsonschema.validate(log, SARIF_EXCERPT)
    assert (log["version"], result["ruleId"], result["level"]) == ("2.1.0", "F104", "error")
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 36, "startColumn": 13}
    assert log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "F104"


def test_fix_mends_what_needs_no_person_and_then_checks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path, BROKEN)

    assert check("--content", str(root), "--fix") == 1
    assert capsys.readouterr() == (SAID, "fener check: mended flows/housing.yaml\n1 error, 0 warnings\n")
    assert "give up:" in (root / "flows/housing.yaml").read_text(encoding="utf-8")

    assert check("--content", str(root), "--fix") == 1
    assert (
        capsys.readouterr().err
        == "fener check: nothing here can be mended without a person\n1 error, 0 warnings\n"
    )


def test_a_folder_that_is_not_there_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--content", str(tmp_path / "nowhere")) == 2
    assert capsys.readouterr().err == f"fener check: there is no folder {tmp_path / 'nowhere'}\n"


def test_comparing_with_a_release_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--content", str(write(tmp_path)), "--against", "r1") == 2
    assert capsys.readouterr().err.count("\n") == 1


SARIF_EXCERPT = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"enum": ["2.1.0"]},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {"driver": {"type": "object", "required": ["name"]}},
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "properties": {
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"type": "object", "required": ["text"]},
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_scripted_conversations_are_checked_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = "flow: hosing\ntests: []\n"

    assert check("--content", str(write(tmp_path, {"flows/housing.test.yaml": script}))) == 1
    assert capsys.readouterr().out.startswith("flows/housing.test.yaml:1:1: S102 there is no flow 'hosing'\n")
