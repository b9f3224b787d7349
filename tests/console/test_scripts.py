"""The console's scripts under Node: the same vectors that Python passes, and the same bytes for anything."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crypto.wire import LARGEST_INTEGER, Value, canonical

HERE = Path(__file__).parent
NODE = shutil.which("node") or ""
OLDEST = 20

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES: st.SearchStrategy[Value] = st.recursive(
    TEXTS | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=6)


@pytest.fixture(autouse=True)
def node(capfd: pytest.CaptureFixture[str]) -> None:
    """Skip, in a line that is printed, where Node is missing or too old."""
    said = (
        subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout if NODE else ""
    )
    if not said or int(said.lstrip("v").split(".")[0]) < OLDEST:
        with capfd.disabled():
            print(
                "\nskipped: no Node 20 here, so the console's scripts are tested in Chromium only",
                file=sys.stderr,
            )
        pytest.skip("no Node 20")


@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_the_scripts_pass_their_own_tests(file: str) -> None:
    done = subprocess.run([NODE, "--test", str(HERE / file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@settings(max_examples=12, deadline=None)
@given(st.lists(OBJECTS, max_size=8))
def test_python_and_javascript_write_the_same_canonical_json(objects: list[dict[str, Value]]) -> None:
    done = subprocess.run(
        [NODE, str(HERE / "canonical.mjs")],
        input=json.dumps(objects),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [bytes.fromhex(line) for line in done.stdout.splitlines()] == [canonical(each) for each in objects]
