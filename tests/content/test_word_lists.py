from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.marks import read_yaml
from bot.content.word_lists import read_word_lists
from bot.kernel.problems import Fields

TRANSLATIONS = Path(__file__).parents[2] / "translations"
LINES = (
    "suicide:",
    "danger now:",
    "danger_now:",
    "menu.main:",
    "none:",
    "no:",
    "  - kill myself",
    "  - want ... die",
    "  - suicid*",
    "  - passport + took",
    "  - it's a, b [c] {d} & !e - f?",
    "  - 12",
    "  - null",
    "  - ž жش",
    '  - "3ayez amoot: # no"',
    '  - "a\\tb"',
    '  - ""',
    "  - 'one'",
    "  - a: b",
    "  - a:",
    "  - a #b",
    "  - a#b",
    "  - two  spaces",
    "  - end ",
    "  -  far",
    "  - - a",
    "  - *a",
    "  - &a b",
    "  - \ufeffa",
    "  - a\u00a0b",
    "  - a\u2028b",
    "  - a\x85b",
    "  - \U0001f3f3 flag",
    "  - x\U0001f3f3",
    "    further",
    "- near",
    "# a remark",
    "#",
    "",
    "key: value",
    "Key:",
    "---",
    "...",
    "%YAML 1.2",
    "\ta:",
)


SHIPPED = sorted((*TRANSLATIONS.glob("*/crisis.yaml"), *TRANSLATIONS.glob("*/phrases.yaml")))


def read_the_long_way(text: str) -> Fields | None:
    """The tree that YAML gives: with Windows line ends, the quick way refuses. None when there is a problem."""
    assert read_word_lists(text.replace("\n", "\r\n"), "f.yaml") is None
    node, problems = read_yaml(text.replace("\n", "\r\n").encode("utf-8", "surrogatepass"), "f.yaml")
    return node if isinstance(node, Fields) and not problems else None


@given(
    st.lists(st.sampled_from(LINES) | st.text(max_size=12)).map(
        lambda lines: "".join(f"{line}\n" for line in lines)
    )
)
def test_the_quick_way_reads_what_yaml_reads_or_nothing(text: str) -> None:
    quick = read_word_lists(text, "f.yaml") if text else None

    if quick is not None:
        assert quick == read_the_long_way(text)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(LINES[:4]),
            st.lists(st.sampled_from(LINES[6:14]), min_size=1),
            st.sampled_from(LINES[-9:-6]),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda block: block[0].replace("_", " "),
    )
)
def test_lists_as_translators_write_them_are_read_the_quick_way(
    blocks: list[tuple[str, list[str], str]],
) -> None:
    text = "".join(f"{key}\n" + "".join(f"{item}\n" for item in items) + "\n" for key, items, _ in blocks)

    quick = read_word_lists(text, "f.yaml")

    assert quick is not None
    assert quick == read_the_long_way(text)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_shipped_lists_are_read_to_the_same_end_either_way(path: Path) -> None:
    text = path.read_text("utf-8")

    quick = read_word_lists(text, "f.yaml")

    assert quick in (None, read_the_long_way(text))
