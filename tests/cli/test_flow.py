"""`fener flow graph`: the picture of one flow, whatever the others are like."""

from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from bot.cli.main import main
from tests.content.foreign import HOUSING, write

ROOT = Path(__file__).parents[2]
FLOWS = sorted(
    path.name.removesuffix(".yaml")
    for path in (ROOT / "flows").glob("*.yaml")
    if not path.name.endswith(".test.yaml") and path.name != "shared.yaml"
)


def graph(*words: str) -> int:
    return main(["flow", "graph", *words])


@pytest.mark.parametrize(
    ("form", "begins"), [([], "flowchart TD"), (["--format", "dot"], 'digraph "housing"')]
)
def test_a_flow_is_printed_for_mermaid_unless_another_format_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: list[str], begins: str
) -> None:
    assert graph("housing", "--content", str(write(tmp_path)), *form) == 0
    assert capsys.readouterr().out.startswith(begins)


@pytest.mark.parametrize("flow", FLOWS)
def test_every_shipped_flow_can_be_drawn(capsys: pytest.CaptureFixture[str], flow: str) -> None:
    assert graph(flow, "--format", "svg", "--content", str(ROOT)) == 0
    fromstring(capsys.readouterr().out)


def test_errors_elsewhere_do_not_matter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path, {"flows/menu.yaml": "flow: menu\nsteps: 3\n"})

    assert graph("housing", "--content", str(root)) == 0
    assert capsys.readouterr().err == ""


def test_a_flow_with_errors_is_refused_with_their_mends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path, {"flows/housing.yaml": HOUSING.replace("steps:", "stops:")})

    assert graph("housing", "--content", str(root)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("flows/housing.yaml:")
    assert "mend: " in said.err


def test_a_flow_that_is_not_there_is_answered_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert graph("hosing", "--content", str(write(tmp_path))) == 2
    assert "there is no flow 'hosing'" in (said := capsys.readouterr().err)
    assert "write 'housing'." in said
    assert said.count("\n") == 1
