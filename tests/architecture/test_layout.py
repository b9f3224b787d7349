"""Names and places: a stranger finds their way, one word means one thing, nothing tells where it was written."""

import ast
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

import bot
from tests.architecture.pages import ROOT

CODE: Final = sorted((ROOT / "bot").rglob("*.py"))
NO_STORY: Final = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "base",
    "common",
    "misc",
    "shared",
}
OTHER_WORDS: Final = {
    "User", "Contact", "Tenant", "Ticket", "Escalation", "Helper", "Manager", "Util", "Utils", "Platform",
    "Connector", "Callback", "Inbox", "Dialog", "Node", "Blob", "Uid", "Agent",
}  # fmt: skip
"""What docs/reference/glossary.md says under "we do not say", as far as a class could be called so."""

EXCUSED: Final = {
    "Node": "a node of a YAML tree (kernel/problems.py)",
    "TelegramInbox": "Telegram's side of it: where its updates come in",
}
LARGEST_LINES: Final = 600
"""No module is longer; 100 to 300 is what we aim at."""

PORT_METHODS: Final = 5


def tracked() -> list[Path]:
    """Every file that git keeps; skips where this is no git checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def classes(path: Path) -> list[ast.ClassDef]:
    """The classes of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def test_no_module_is_a_drawer_for_what_has_no_place() -> None:
    assert [path for path in CODE if path.stem.strip("_") in NO_STORY or path.parent.name in NO_STORY] == []


def test_every_package_and_module_of_the_top_is_on_the_map() -> None:
    there = {
        path.stem
        for path in (ROOT / "bot").iterdir()
        if not path.name.startswith(("_", ".")) and (path.is_dir() or path.suffix == ".py")
    }
    mapped = set()
    for line in (bot.__doc__ or "").split("\n\n")[2].splitlines():
        mapped |= {word.strip() for word in re.split(r"\s{2,}", line)[0].split(",")}

    assert mapped == there


def test_a_class_is_called_by_our_words() -> None:
    found = [
        each.name
        for path in CODE
        for each in classes(path)
        if OTHER_WORDS & set(re.findall(r"[A-Z][a-z]+", each.name)) and each.name not in EXCUSED
    ]

    assert found == []


def test_every_excuse_is_still_needed() -> None:
    there = {each.name for path in CODE for each in classes(path)}
    aliases = {
        target.id
        for path in CODE
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    assert set(EXCUSED) <= there | aliases


def test_a_port_asks_for_at_most_five_things() -> None:
    ports = [
        each
        for each in classes(ROOT / "bot/ports.py")
        if any(isinstance(parent, ast.Name) and parent.id == "Protocol" for parent in each.bases)
    ]
    sizes = {
        port.name: sum(isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) for part in port.body)
        for port in ports
    }

    assert len(ports) >= 10
    assert {name: size for name, size in sizes.items() if size > PORT_METHODS} == {}


def test_every_module_says_what_it_gives() -> None:
    assert [path for path in CODE if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []


def test_a_use_case_is_called_by_a_verb_and_holds_one_thing_that_can_happen() -> None:
    for path in sorted((ROOT / "bot/usecases").glob("*.py")):
        if path.stem in {"__init__", "remember", "row_integrity", "membership"}:
            continue
        name = "".join(part.title() for part in path.stem.split("_"))
        assert name in {each.name for each in classes(path)}, path.name


def test_no_module_is_longer_than_one_story() -> None:
    assert [path for path in CODE if len(path.read_text(encoding="utf-8").splitlines()) > LARGEST_LINES] == []


def test_no_tracked_file_tells_where_packages_came_from_or_who_wrote_it() -> None:
    told = re.compile(
        rb"--(?:extra-)?index-url\s+\S*://|--find-links\s+\S*/|--trusted-host[= ]\S+\.|files\.pythonhosted|pypi\.org/simple"
        rb"|artifactory|(?<![\w.:/-])(?:/home/[a-z]\w*/|/Users/\w+/|/root/\.)|C:\\\\Users|(?<![\w.:/-])/tmp/[a-z_]+/",
        re.IGNORECASE,
    )
    own = Path(__file__)

    assert [
        path.relative_to(ROOT) for path in tracked() if path != own and told.search(path.read_bytes())
    ] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_holds_names_versions_and_hashes_only(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    line = re.compile(r"[\w.-]+==[\w.!+-]+ \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?|#(?!.*://).*|")

    assert [each for each in lines if not line.fullmatch(each)] == []


def test_nothing_that_grows_while_running_is_tracked() -> None:
    grown = re.compile(r"(?:^|/)(?:var|\.venv|__pycache__|keys)/|\.(?:db|db-wal|db-shm|log|pyc|key)$")

    assert [path for path in tracked() if grown.search(path.relative_to(ROOT).as_posix())] == []


def test_the_licence_is_the_agpl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert text.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE")
    assert "Version 3, 19 November 2007" in text
    assert "13. Remote Network Interaction; Use with the GNU General Public License." in text
    assert 'license = "AGPL-3.0-or-later"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_texts_for_people_stand_in_content_and_not_in_the_core() -> None:
    spoken = re.compile(r"\b(?:Hello|I am a computer|Is now a good time|Thank you for)\b")
    core = [
        path for path in CODE if path.parts[len(ROOT.parts) + 1] in {"flow", "nlu", "handoff", "directory"}
    ]

    assert [path for path in core if spoken.search(path.read_text(encoding="utf-8"))] == []
