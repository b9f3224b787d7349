"""The reference says every code that sealing, keys and case rules can refuse with."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RAISED = re.compile(r'(?:(?:Refused|Start)Error\(|code=|check\([^"]*"?[^"]*"?, )\s*"([a-z-]+\.[a-z-]+)"')
CODES = sorted(
    {
        code
        for package in ("crypto", "handoff")
        for path in (ROOT / "bot" / package).glob("*.py")
        for code in RAISED.findall(path.read_text())
    }
)


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_is_in_the_reference(code: str) -> None:
    pages = [(ROOT / "docs" / "reference" / f"{name}.md").read_text() for name in ("envelope", "keys")]

    assert any(f"`{code}`" in page for page in pages)


def test_the_codes_are_found() -> None:
    assert {"envelope.tampered", "keys.locked", "keyring.truncated", "gate.wrong"} <= set(CODES)
