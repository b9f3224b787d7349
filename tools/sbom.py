"""Everything of others that runs in Fener, as CycloneDX 1.6 JSON: from the lock file and the vendored JavaScript.

    python tools/sbom.py > sbom.cdx.json

The same checkout gives the same bytes: no time, no machine, no network. Every component has its hashes; a lock file
names one for each file that an index may hand out. Source: https://cyclonedx.org/docs/1.6/json/
"""

import importlib.metadata
import json
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
LOCK: Final = "requirements.lock"
VENDORED: Final = "bot/web/console/static/vendor/README.md"

_REQUIREMENT: Final = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_ROW: Final = re.compile(
    r"^\| `([^`]+)` \| npm `([^`]+)` ([\d.]+)[^|]* \| ([\w.-]+),[^|]* \| `([0-9a-f]{64})` \|$", re.MULTILINE
)
"""`hpke.js` | npm `hpke` 1.1.7 (panva), `index.js` | MIT, `hpke.LICENSE.md` | `8a71...`"""

Component = dict[str, object]


def bill(root: Path = ROOT) -> dict[str, object]:
    """The whole document."""
    lock = (root / LOCK).read_text(encoding="utf-8")
    vendored = (root / VENDORED).read_text(encoding="utf-8")
    version = re.findall(
        r'__version__ = "([^"]+)"', (root / "bot" / "__init__.py").read_text(encoding="utf-8")
    )[0]
    components = [*python_packages(lock), *javascript_files(vendored)]
    own = f"pkg:generic/fener@{version}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, own + lock + vendored)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "fener",
                "version": version,
                "licenses": [{"license": {"id": "AGPL-3.0-or-later"}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": [str(each["bom-ref"]) for each in components]}],
    }


def python_packages(lock: str) -> Iterator[Component]:
    """The packages of a lock file, each with the hashes that pip insists on."""
    for name, version, rest in _REQUIREMENT.findall(lock):
        plain = re.sub(r"[-_.]+", "-", name).lower()
        yield _component(plain, version, f"pkg:pypi/{plain}@{version}", _HASH.findall(rest), _licence(name))


def javascript_files(table: str) -> Iterator[Component]:
    """The vendored files, by the table that a test compares with their bytes."""
    for file, package, version, licence, digest in _ROW.findall(table):
        path = f"{package.replace('@', '%40')}@{version}"
        yield _component(package, version, f"pkg:npm/{path}#{file}", [digest], licence) | {"type": "file"}


def _component(name: str, version: str, purl: str, digests: list[str], licence: str) -> Component:
    component: Component = {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in digests],
    }
    return component | ({"licenses": [{"license": {"name": licence}}]} if licence else {})


def _licence(name: str) -> str:
    """What the installed package says of itself; empty where it is not installed or says a whole text."""
    try:
        said = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    for field in ("License-Expression", "License"):
        if field in said and "\n" not in said[field]:
            return said[field]
    classifiers = [each for each in said.get_all("Classifier") or [] if each.startswith("License ::")]
    return classifiers[0].rpartition(" :: ")[2] if classifiers else ""


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
