"""What is not ours is named, pinned by hash, and listed for whoever asks."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.pages import ROOT

LOCKS = [
    ROOT / "requirements.lock",
    ROOT / "requirements-dev.lock",
    ROOT / "tools" / "semgrep" / "requirements.lock",
]


def bill() -> dict[str, Any]:
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / "sbom.py"], capture_output=True, check=True, cwd="/"
    )
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def pinned(lock: Path) -> dict[str, tuple[str, list[str]]]:
    """Package -> version and hashes, read in another way than the tool does."""
    found: dict[str, tuple[str, list[str]]] = {}
    name = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if "==" in line:
            name, _, version = line.removesuffix(" \\").partition("==")
            found[name] = (version, [])
        elif "--hash=sha256:" in line:
            found[name][1].append(line.strip().removesuffix(" \\").removeprefix("--hash=sha256:"))
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_dependency_is_pinned_by_hash_and_no_line_says_where_it_came_from(lock: Path) -> None:
    packages = pinned(lock)

    assert len(packages) > 30
    assert [name for name, (version, hashes) in packages.items() if not version or not hashes] == []
    assert all(re.fullmatch(r"[0-9a-f]{64}", each) for _, hashes in packages.values() for each in hashes)
    assert "://" not in lock.read_text(encoding="utf-8")


def test_nothing_is_installed_without_its_hash() -> None:
    for path in ("Makefile", "Dockerfile"):
        for line in (ROOT / path).read_text(encoding="utf-8").splitlines():
            if "pip install" in line and "echo" not in line:
                assert "--require-hashes" in line or "--no-deps" in line, line


def test_the_bill_of_materials_lists_every_locked_package_with_its_hashes() -> None:
    components = {each["name"]: each for each in bill()["components"] if each["purl"].startswith("pkg:pypi/")}
    locked = pinned(LOCKS[0])

    assert components.keys() == {re.sub(r"[-_.]+", "-", name).lower() for name in locked}
    for name, (version, hashes) in locked.items():
        component = components[re.sub(r"[-_.]+", "-", name).lower()]
        assert component["version"] == version
        assert [each["content"] for each in component["hashes"]] == hashes
    assert sum("licenses" in each for each in components.values()) > len(components) * 0.9


def test_the_bill_of_materials_lists_every_vendored_file() -> None:
    folder = ROOT / "bot" / "web" / "console" / "static" / "vendor"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.js")}
    listed = {each["purl"].partition("#")[2] for each in bill()["components"] if each["type"] == "file"}

    assert listed == files


def test_the_bill_of_materials_is_cyclonedx_and_the_same_each_time() -> None:
    one = bill()

    assert one == bill()
    assert (one["bomFormat"], one["specVersion"], one["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one["serialNumber"])
    refs = [each["bom-ref"] for each in one["components"]]
    assert len(refs) == len(set(refs))
    assert one["dependencies"][0]["dependsOn"] == refs


def test_what_bandit_is_told_to_overlook_has_its_reason_beside_it() -> None:
    excused = [
        (path.name, line)
        for path in sorted((ROOT / "bot").rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if "nosec" in line
    ]

    assert [each for each in excused if not re.search(r"# nosec B\d{3}  # \w", each[1])] == []
    assert len(excused) <= 12
