"""docs/how-to/keep-the-directory.md can be followed: its files are written and its commands run, in its order."""

import argparse
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from bot.cli import directory
from bot.cli.main import main
from tests.architecture.pages import ROOT, page

PAGE: Final = "docs/how-to/keep-the-directory.md"
_BLOCK: Final = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GIT: Final = {
    f"GIT_{who}_{what}": "admin@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}


def _actions() -> set[str]:
    """What can be typed behind `fener directory`."""
    parser = argparse.ArgumentParser()
    directory.add(parser)
    return {
        name for one in parser._actions if isinstance(one, argparse._SubParsersAction) for name in one.choices
    }


def _formats() -> set[str]:
    return set(directory.FORMATS)


VETTED: Final = {"vet", "suspend", "history"} <= _actions()
"""Whether services can be vetted from the command line here; until then those lines of the page are not run."""


def steps() -> Iterator[tuple[str, str]]:
    """What somebody does who follows the page: a file to write with its text, or `run` with a command."""
    for language, name, text in _BLOCK.findall(page(PAGE)):
        if language == "sh":
            yield from (("run", line) for line in text.splitlines())
        else:
            yield name, text


def can_run(words: list[str]) -> bool:
    if words[:2] == ["fener", "directory"] and words[2] in {"vet", "suspend", "history"}:
        return VETTED
    return "--format" not in words or words[words.index("--format") + 1] in _formats()


def test_an_admin_gets_from_an_empty_folder_to_an_exported_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "fener").symlink_to(ROOT)
    said: dict[str, str] = {}
    for what, text in steps():
        if what != "run":
            Path(what).write_text(text, "utf-8")
            continue
        words = shlex.split(text)
        if words[0] == "cd":
            monkeypatch.chdir(words[1])
        elif words[0] == "export":
            name, _, value = words[1].partition("=")
            monkeypatch.setenv(name, value.replace("$PWD", str(Path.cwd())))
        elif words[0] != "fener":
            subprocess.run(words, check=True, capture_output=True, env=os.environ | GIT)
        elif can_run(words):
            capsys.readouterr()
            code = main(words[1:])
            told = capsys.readouterr()
            assert code == 0, (text, told.out, told.err)
            said[text.removeprefix("fener ").partition(" --")[0]] = told.out

    assert said["directory import services.csv"].endswith("1 file changed.\n")
    assert said["directory duplicates"] == "0 to look at.\n"
    assert f": {1 if VETTED else 0} would be offered" in said["directory match"]
    assert (tmp_path / "everything.xlsx").is_file()
    house = (tmp_path / "our-content/directory/rs/rs-example-house.yaml").read_text("utf-8")
    assert "# who may see it: see the reference" in house
    assert "  - service: clinic\n    name: {en: A doctor, sr: Lekar}\n" in house


@pytest.mark.parametrize(
    "command", ["new", "export", "import", "duplicates", "match", "due", "vet", "suspend", "history"]
)
def test_the_page_shows_every_command_that_keeps_the_directory(command: str) -> None:
    assert any(
        text.startswith(f"fener directory {command} ") or text == f"fener directory {command}"
        for _, text in steps()
    )
