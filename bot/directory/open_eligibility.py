"""Terms of the Open Eligibility taxonomy that mean the same as ours, for exchange with other directories.

Source: the Open Eligibility taxonomy by findhelp, CC BY-SA, https://github.com/auntbertha/openeligibility (read 2026-11).
"""

from collections.abc import Collection
from typing import Final

from bot.directory.reading import Reader, nearest
from bot.kernel.problems import Node

SEPARATOR: Final = " / "
"""Between a group and what lies below it, as in `Legal / Advocacy & Legal Aid`. With spaces: `STD/STI` is one word."""

SERVICE_GROUPS: Final = (
    "Food", "Housing", "Goods", "Transit", "Health", "Money", "Care", "Education", "Work", "Legal", "Emergency",
)  # fmt: skip
"""The first words of what people are helped with: for needs."""

SITUATION_GROUPS: Final = (
    "General", "Age Group", "Armed Forces", "Citizenship", "Justice Involvement", "Disability", "Education",
    "Emotional State", "Employment", "Gender & Identity", "Guardianship", "Health", "Household", "Housing", "Income",
    "Insurance", "Language", "Mental Health", "Race/Ethnicity", "Role", "Substance Dependency", "Survivors", "Urgency",
)  # fmt: skip
"""The first words of who people are: for populations."""


def read_terms(read: Reader, node: Node | None, groups: Collection[str]) -> tuple[str, ...]:
    """The terms of a list, each once, each as a path that begins with one of `groups`."""
    found: list[str] = []
    for item in read.items(node, "open eligibility"):
        term = read.text(item, "an Open Eligibility term")
        group, *below = term.split(SEPARATOR)
        if group not in groups:
            message = f"Open Eligibility has no group '{group[:40]}' here"
            read.fault("D104", item.mark, message, nearest(group, groups))
        elif not all(part and part == part.strip() for part in below):
            mend = "write it like 'Legal / Advocacy & Legal Aid'"
            read.fault("D104", item.mark, f"'{term[:60]}' is not a term of Open Eligibility", mend)
        elif term in found:
            read.fault("D113", item.mark, f"open eligibility names '{term[:60]}' twice", "keep one")
        else:
            found.append(term)
    return tuple(found)
