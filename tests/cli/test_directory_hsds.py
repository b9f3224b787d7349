"""`fener directory export` and `import` with HSDS, as an operator types them."""

import json
import zipfile
from pathlib import Path

import pytest

from bot.cli.main import main
from tests.directory.hsds.test_importing import FOREIGN
from tests.directory.test_parse import WHOLE, write

ADVICE, KNITTING = FOREIGN["services"]
PARTNER = {**FOREIGN, "services": [{**ADVICE, "status": "active"}, KNITTING]}


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # no fener.toml there
    lasting = WHOLE["rs/rs-lantern.yaml"].replace("2027-05-01", "2999-05-01")
    root = tmp_path / "content"
    write(root, {**WHOLE, "rs/rs-lantern.yaml": lasting})
    (tmp_path / "foreign.json").write_text(json.dumps([PARTNER]))
    return root


def export(content: Path, *words: str) -> int:
    return main(["directory", "export", "--format", "hsds", *words, "--content", str(content)])


def take(content: Path, file: str, *words: str) -> int:
    return main(["directory", "import", "--format", "hsds", file, *words, "--content", str(content)])


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.yaml")}


def test_what_is_public_is_printed_as_a_package_or_written_as_tables(
    content: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(content) == 0
    [organisation] = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in organisation["services"]] == ["Free lawyers"]
    assert "Demo street 1" not in json.dumps(organisation)

    assert (
        export(content, "--to", "p.json")
        == export(content, "--to", "p.zip")
        == export(content, "--to", "p")
        == 0
    )
    assert "1 organisations, 1 services" in capsys.readouterr().out
    assert json.loads((tmp_path / "p.json").read_text()) == [organisation]
    with zipfile.ZipFile("p.zip") as package:
        tables = {name: package.read(name) for name in package.namelist()}
    assert tables == {path.name: path.read_bytes() for path in (tmp_path / "p").iterdir()}
    first = (tmp_path / "p.zip").read_bytes()
    export(content, "--to", "p.zip")
    assert (tmp_path / "p.zip").read_bytes() == first
    assert export(content, "--to", "nowhere/p.json") == 1


def test_an_export_changes_nothing_where_it_came_from(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(content, "--to", "p.zip")
    before = files(content)

    assert take(content, "p.zip", "--source", "ourselves") == 0
    assert "0 new, 0 changed, 1 same, 0 kept" in capsys.readouterr().out
    assert files(content) == before


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(content)

    assert take(content, "foreign.json", "--source", "a partner", "--need-map", "map.yaml", "--dry-run") == 2
    assert "map.yaml:1:1: D608 this file cannot be read" in capsys.readouterr().err
    Path("map.yaml").write_text("Lawyers: legal_asylum\nwomen: '-'\n")
    assert take(content, "foreign.json", "--source", "a partner", "--need-map", "map.yaml", "--dry-run") == 0
    said = capsys.readouterr()
    assert "new: pt-legal-house/advice" in said.out
    assert "Knitting (1)" in said.out
    assert "organization.contacts (1)" in said.out
    assert "organization.flavour (1)" in said.out
    assert "D604 no need of ours is known for 'Knitting'" in said.err
    assert "1 files would be written" in said.out
    assert files(content) == before


def test_an_import_is_written_once_and_checked_before(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("foreign.json", "--source", "a partner", "--on", "2026-11-20", "--need-map", "map.yaml")
    Path("map.yaml").write_text("Lawyers: legal_asylum\nwomen: '-'\n")

    assert take(content, *words) == 0
    made = (content / "directory/pt/pt-legal-house.yaml").read_text()
    assert "vetting: {state: unverified}" in made
    assert "source: a partner (foreign.json), checked_on: 2026-11-20" in made
    assert "Somebody Private" not in made
    capsys.readouterr()
    assert take(content, *words) == 0
    assert "0 new, 0 changed, 1 same, 0 kept" in capsys.readouterr().out
    assert main(["directory", "due", "--content", str(content)]) == 0
    assert "pt-legal-house/advice: unverified" in capsys.readouterr().out
    changed = json.loads(json.dumps(PARTNER))
    changed["services"][0]["application_process"] = "Knock"
    Path("foreign.json").write_text(json.dumps([changed]))
    assert take(content, *words) == 0
    assert 'next_step: {"en": "Ring the bell"} -> {"en": "Knock"}' in capsys.readouterr().out
    assert "Knock" in (content / "directory/pt/pt-legal-house.yaml").read_text()


def test_what_is_vetted_here_is_kept_unless_it_is_named(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(content, "--to", "p.json")
    package = json.loads(Path("p.json").read_text())
    package[0]["services"][0]["application_process"] = "x"
    [text] = [
        one
        for one in package[0]["services"][0]["attributes"]
        if one["taxonomy_term"]["code"] == "not_offered:en"
    ]
    text["value"] = "Nothing at all"
    Path("p.json").write_text(json.dumps(package))
    before = files(content)

    assert take(content, "p.json", "--source", "x") == 0
    said = capsys.readouterr().out
    assert "kept: rs-lantern/legal (it is vetted here)" in said
    assert 'not_offered: {"en": "No accommodation"} -> {"en": "Nothing at all"}' in said
    assert files(content) == before
    assert take(content, "p.json", "--source", "x", "--replace", "rs-lantern/legal") == 0
    assert "changed: rs-lantern/legal (its vetting ends)" in capsys.readouterr().out
    after = (content / "directory/rs/rs-lantern.yaml").read_text()
    assert "Nothing at all" in after
    assert "state: unverified" in after


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing says where this package came from"),
        (("--source", "x", "--on", "yesterday"), "--on is not a day"),
        (("--source", "x", "--lang", "English"), "--lang is not a language code"),
        (("--source", "x", "--country", "Serbia"), "--country is not a country code"),
    ],
)
def test_a_slip_is_told_with_its_mend(
    content: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(content, "foreign.json", *words) == 2
    error = capsys.readouterr().err
    assert f"D608 {said}" in error
    assert "mend: " in error


def test_a_package_with_errors_writes_nothing(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.json").write_text('[{"id": 1,\n "name": }]')

    assert take(content, "bad.json", "--source", "x") == 1
    error = capsys.readouterr().err
    assert "bad.json:2:10: D601 this is not JSON" in error
    assert "Nothing was written" in error
