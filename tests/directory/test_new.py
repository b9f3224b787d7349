"""`fener directory new`: a file that passes the check, that nobody vouches for, and whose every remark is true."""

import re
from pathlib import Path
from typing import Final

import jsonschema
import pytest

from bot.cli.main import main
from bot.content.directory_folder import load_directory
from bot.content.marks import read_yaml
from bot.content.new_organisation import organisation_template
from bot.directory.json_schema import schema_of
from bot.directory.parse import parse_organisation
from bot.directory.record_format import ORGANISATION, SERVICE
from bot.nlu.normalise import fold
from tests.directory.as_json import as_json
from tests.directory.test_parse import WHOLE, write

MADE: Final = organisation_template("rs-new", "RS", "New: a House", "talk", "legal_other")


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # no fener.toml there
    write(tmp_path, WHOLE)
    return tmp_path


def new(content: Path, *words: str) -> int:
    return main(["directory", "new", *words, "--content", str(content)])


def test_a_new_file_is_whole_and_nobody_vouches_for_it(content: Path) -> None:
    assert (
        new(
            content,
            "rs-new",
            "--country",
            "RS",
            "--name",
            "New: a House",
            "--need",
            "legal_other",
            "--service",
            "talk",
        )
        == 0
    )

    assert (content / "directory/rs/rs-new.yaml").read_text("utf-8") == MADE
    directory, problems = load_directory(content, fold=fold)
    assert problems == []
    assert directory is not None
    made = directory.organisations["rs-new"]
    assert made.name == {"en": "New: a House"}
    assert [(one.id, one.needs, one.vetting.state) for one in made.services] == [
        ("talk", ("legal_other",), "unverified")
    ]


def test_every_key_stands_in_it_and_every_example_may_be_used_as_it_is() -> None:
    text = re.sub(r"^( *)# (\w+: .*)$", r"\1\2", MADE, flags=re.MULTILINE)
    text = re.sub(r"^( *)(?:website|note): \.\.\.$", r"", text, flags=re.MULTILINE)
    node, faults = read_yaml(text.encode(), "directory/rs/rs-new.yaml")

    assert node is not None, faults
    assert (faults, parse_organisation(node, "rs-new")[1]) == ([], [])
    jsonschema.Draft7Validator(schema_of("organisation")).validate(as_json(node))
    for key in (*ORGANISATION, *SERVICE):
        assert re.search(rf"^ *(?:# |- )?{key.name}:", MADE, re.MULTILINE) or key.name in {
            "vetting",
            "demo",
            "differs_from",
        }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["../x", "--country", "RS"], "'../x' is not a usable id"),
        (["rs-x", "--country", "rs"], "'rs' is not a country"),
        (
            ["rs-x", "--country", "RS", "--need", "tea"],
            "there is no need 'tea'; the needs are: legal_asylum, legal_other",
        ),
        (["rs-lantern", "--country", "RS"], "there is already"),
        (["rs-lantern", "--country", "PT"], "there is already"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_sentence_and_nothing_is_written(
    content: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    before = sorted(content.rglob("*"))

    assert new(content, *words) == 2
    assert capsys.readouterr().err.startswith(f"fener directory new: {said}")
    assert sorted(content.rglob("*")) == before


def test_without_a_taxonomy_it_says_what_comes_first(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (content / "directory/taxonomy.yaml").unlink()

    assert new(content, "rs-x", "--country", "RS") == 2
    assert "there is no directory/taxonomy.yaml" in capsys.readouterr().err
