"""The direction of imports holds with nothing ignored, and tests of the core need neither fakes of time nor of modules."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from tests.architecture.pages import ROOT

CORE: Final = ("kernel", "i18n", "nlu", "directory", "handoff", "flow")
CONTRACTS: Final[list[dict[str, Any]]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "tool"
]["importlinter"]["contracts"]
CORE_TESTS: Final = sorted(path for folder in CORE for path in (ROOT / "tests" / folder).rglob("*.py"))
CODE: Final = sorted((ROOT / "bot").rglob("*.py"))


def contract(name: str) -> dict[str, Any]:
    """The contract whose name begins so."""
    [found] = [each for each in CONTRACTS if each["name"].startswith(name)]
    return found


def imported(path: Path) -> set[str]:
    """The modules that a file imports, by their full names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_the_import_contracts_are_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=110
    )

    assert result.returncode == 0, result.stdout


def test_no_contract_ignores_an_import() -> None:
    assert [each["name"] for each in CONTRACTS if each.get("ignore_imports")] == []


def test_the_layers_name_every_package_there_is() -> None:
    layers = contract("Layers")
    named = {part.strip() for layer in layers["layers"] for part in layer.split("|")}
    there = {
        path.stem
        for path in (ROOT / "bot").iterdir()
        if path.name != "__init__.py" and (path.suffix == ".py" or (path / "__init__.py").exists())
    }

    assert layers["exhaustive"] is True
    assert named == there


def test_the_core_stays_pure_as_a_whole() -> None:
    pure = contract("The core is pure")

    assert set(pure["source_modules"]) == {f"bot.{package}" for package in CORE}
    assert {
        "asyncio",
        "logging",
        "os",
        "random",
        "secrets",
        "socket",
        "time",
        "sqlalchemy",
        "telegram",
        "twilio",
    } <= set(pure["forbidden_modules"])


def test_a_raw_address_is_held_in_few_places() -> None:
    allowed = contract("Privacy: only these may hold")["allowed_importers"]

    assert len([each for each in allowed if each.startswith("bot.usecases.")]) <= 4
    assert not {"bot.web", "bot.cli", "bot.flow", "bot.telemetry", "bot.storage", "bot.content"} & set(
        allowed
    )


def test_one_package_touches_keys_and_one_the_vendors() -> None:
    for name, allowed in (
        ("Privacy: only crypto", ["bot.crypto"]),
        ("Each vendor library", ["bot.channels"]),
    ):
        assert contract(name)["allowed_importers"] == allowed


def draws_uuids(modules: set[str]) -> bool:
    """Whether more of `uuid` is imported than its type and the ids that are made of names."""
    of_uuid = {name for name in modules if name.startswith("uuid.")}
    return "uuid" in modules and (not of_uuid or not of_uuid <= {"uuid.UUID", "uuid.uuid5"})


def test_randomness_is_drawn_in_one_package() -> None:
    drawn = {
        path.relative_to(ROOT / "bot").parts[0]
        for path in CODE
        if imported(path) & {"random", "secrets", "os.urandom"}
        or draws_uuids(imported(path))
        or "os.urandom" in path.read_text("utf-8")
    }

    assert drawn <= {"crypto"}


@pytest.mark.parametrize("path", CORE_TESTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_test_of_the_core_needs_no_mock_and_no_sleep(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not {name for name in imported(path) if "mock" in name}
    assert re.search(r"\b(?:mock\.|Mock\(|MagicMock|monkeypatch\.setattr|sleep\()", text) is None


def test_no_test_anywhere_patches_a_module_from_outside() -> None:
    patched = [
        path
        for path in (ROOT / "tests").rglob("*.py")
        if {name for name in imported(path) if name.startswith("unittest.mock")}
    ]

    assert patched == []


def test_an_exception_to_a_rule_says_why() -> None:
    bare = re.compile(r"#\s*(?:noqa(?!: [A-Z]+\d+)|type: ignore(?!\[))")
    silent = re.compile(r"#\s*(?:noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|type: ignore\[[\w, -]+\])\s*$")
    places = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in CODE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line) or silent.search(line)
    ]

    assert places == []
