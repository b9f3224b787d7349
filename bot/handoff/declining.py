"""Why an organisation cannot take a case: a closed list, for colleagues only. The person is not told a reason."""

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[str, str]] = {
    "no-capacity": "No capacity now",
    "not-our-area": "Not our area",
    "language": "We lack the language",
    "conflict": "Conflict of interest",
    "safety": "Another safety reason",
}
"""What is written on the command line -> what stands in the sealed line for colleagues. The console has the same list."""


def declined_because(reason: str, words: str = "") -> str:
    """The line that colleagues read: one of REASONS, and words where there are any."""
    return ". ".join(part for part in (f"Declined: {REASONS[reason]}", words.strip()) if part)
