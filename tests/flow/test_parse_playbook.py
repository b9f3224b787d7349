"""Playbooks: what admins write beside the flows, and every fault in it with its place and mend."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.marks import read_yaml
from bot.flow.lint.wording import PHRASES
from bot.flow.parse_playbook import KEYS, PlaybookDraft, check_playbooks, parse_playbook
from bot.handoff.playbook import Playbook
from bot.handoff.triage import URGENCIES
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar
from tests.usecases.fixtures import shipped

PAGE = """\
playbook: asylum
title: Papers and asylum
version: 3
needs: [legal_asylum]
urgency: [now]
do:
  - Bring in a lawyer
    in the first days.
do not:
  - Count the days for them.
words: You decide.
ask a colleague:
  - They are alone and under 18.
sources:
  - UNHCR Help Serbia
checked on: 2026-11-21
checked by: editor-a
expires on: 2027-05-21
state: reviewed
"""


def read(page: str, stem: str = "asylum") -> tuple[PlaybookDraft | None, list[Problem]]:
    tree, problems = read_yaml(page.encode(), f"flows/playbooks/{stem}.yaml")
    assert tree is not None, problems
    draft, found = parse_playbook(tree, stem)
    return draft, problems + found


def test_a_page_is_read_as_it_was_written() -> None:
    draft, problems = read(PAGE)

    assert problems == []
    assert draft is not None
    playbook = draft.playbook
    assert (playbook.title, playbook.version, playbook.state) == ("Papers and asylum", 3, "reviewed")
    assert playbook.do == ("Bring in a lawyer in the first days.",)
    assert playbook.words == ("You decide.",)
    assert playbook.needs == {"legal_asylum"}
    assert playbook.urgencies == {"now"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("playbook: asylum", "playbook: asylm", "F105"),
        ("title: Papers and asylum\n", "", "F101"),
        ("sources:\n  - UNHCR Help Serbia\n", "", "F101"),
        ("urgency: [now]", "urgency: [at once]", "F110"),
        ("version: 3", "version: three", "F110"),
        ("version: 3", "version: 0", "F110"),
        ("version: 3", "version: 10000", "F110"),
        ("expires on: 2027-05-21", "expires on: 2026-11-21", "F605"),
        ("expires on: 2027-05-21", "expires on: 2026-05-21", "F605"),
        ("do not:", "dont:", "F102"),
        ("  - Count the days for them.", "  - Count the days #always", "F108"),
        ("  - UNHCR Help Serbia", "\n".join(f"  - source {number}" for number in range(13)), "F110"),
        ("state: reviewed", "state: perfect", "F110"),
        ("  - Count the days for them.", f"  - {'Count the days. ' * 12}", "F608"),
        ("do not:\n  - Count the days for them.", "do not: []", "F103"),
    ],
)
def test_each_fault_is_found_at_its_place_with_a_mend(old: str, new: str, code: str) -> None:
    assert old in PAGE
    _, problems = read(PAGE.replace(old, new))

    assert code in {problem.code for problem in problems}
    assert all(problem.mark.line >= 1 and problem.mend for problem in problems)


def test_unknown_needs_and_queues_and_pages_to_be_read_again_are_told() -> None:
    draft, _ = read(PAGE.replace("urgency: [now]", "queues: [legl]"))
    assert draft is not None

    found = check_playbooks([draft], needs=["shelter"], queues=["legal"], today=date(2027, 5, 21))

    assert [(problem.code, problem.severity) for problem in found] == [
        ("F203", "error"),
        ("F204", "error"),
        ("F607", "warning"),
    ]
    assert "'legal'" in found[1].mend
    assert check_playbooks([draft], needs=["legal_asylum"], queues=["legl"], today=date(2027, 5, 20)) == []


_MARK = Mark("flows/playbooks/any.yaml", 1, 1)
_LISTS = ("do", "do not", "words", "signs", "ask a colleague", "sources")
_LINES = st.lists(
    st.text(alphabet="aé ب9.?", min_size=1, max_size=200).filter(str.strip), min_size=1, max_size=14
)
_VALUES = st.one_of(
    st.sampled_from(["", "any", "reviewed", "now", "0", "7", "10000", "2026-11-21", "2027-05-21"]),
    st.text(max_size=12),
).map(lambda text: Scalar(text, _MARK))
_NODES: st.SearchStrategy[Node] = st.recursive(
    _VALUES,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda found: Items(tuple(found), _MARK))
        | st.lists(st.tuples(_VALUES, inner), max_size=3).map(lambda found: Fields(tuple(found), _MARK))
    ),
    max_leaves=6,
)


def _whole(lines: dict[str, list[str]]) -> dict[str, Node]:
    """The parts of a page that has no fault but what its lines bring."""
    words = {"playbook": "any", "title": "Any", "version": "3", "checked by": "editor-a", "state": "reviewed"}
    days = {"checked on": "2026-11-21", "expires on": "2027-05-21"}
    found: dict[str, Node] = {key: Scalar(value, _MARK) for key, value in {**words, **days}.items()}
    for key, values in lines.items():
        found[key] = Items(tuple(Scalar(value, _MARK) for value in values), _MARK)
    return found


def _page(parts: dict[str, Node]) -> Fields:
    return Fields(tuple((Scalar(key, _MARK), value) for key, value in parts.items()), _MARK)


def _lines_of(playbook: Playbook) -> dict[str, tuple[str, ...]]:
    return {key: getattr(playbook, key.replace(" ", "_")) for key in _LISTS}


@given(st.fixed_dictionaries(dict.fromkeys(_LISTS, _LINES)))
def test_every_line_is_kept_in_its_order_and_only_too_much_is_told(lines: dict[str, list[str]]) -> None:
    draft, problems = parse_playbook(_page(_whole(lines)), "any")

    assert draft is not None
    folded = {key: tuple(" ".join(each.split()) for each in values) for key, values in lines.items()}
    assert _lines_of(draft.playbook) == folded
    too_many = [key for key, values in folded.items() if len(values) > 12]
    too_long = [line for key in _LISTS[:-1] for line in folded[key] if len(line) > 180]
    assert sorted(problem.code for problem in problems) == ["F110"] * len(too_many) + ["F608"] * len(too_long)


@pytest.mark.parametrize("key", sorted(KEYS))
@given(node=st.none() | _NODES)
def test_whatever_one_part_becomes_a_page_without_a_problem_is_whole(key: str, node: Node | None) -> None:
    parts = _whole({name: ["a line?"] for name in _LISTS})
    parts.pop(key, None)
    draft, problems = parse_playbook(_page(parts if node is None else {**parts, key: node}), "any")

    assert draft is not None
    assert all(problem.mend for problem in problems)
    if problems:
        return
    page = draft.playbook
    assert (page.id, page.title.strip() != "", page.checked_by.strip() != "") == ("any", True, True)
    assert 1 <= page.version <= 9999
    assert date(1970, 1, 1) < page.checked_on < page.expires_on
    assert page.state in {"unreviewed", "reviewed"}
    assert page.urgencies <= set(URGENCIES)
    assert page.do
    assert page.do_not
    assert page.ask_a_colleague
    assert page.sources
    assert all(line.strip() for lines in _lines_of(page).values() for line in lines)


@given(_NODES)
def test_a_file_that_is_something_else_is_no_page_and_told(tree: Node) -> None:
    draft, problems = parse_playbook(tree, "any")

    assert {"F100"} <= {problem.code for problem in problems} or isinstance(tree, Fields)
    assert (draft is None) == (not isinstance(tree, Fields))
    assert problems


def test_every_queue_of_the_shipped_network_but_complaints_and_every_urgent_case_has_a_page() -> None:
    library = shipped()
    pages = library.playbooks
    queues = {name for name, queue in library.directory.network.queues.items() if not queue.independent}

    assert any(not (page.needs or page.queues or page.urgencies) for page in pages)
    assert queues - {"general"} <= {queue for page in pages for queue in page.queues}
    assert {urgency for page in pages for urgency in page.urgencies} <= set(URGENCIES)
    assert any("now" in page.urgencies for page in pages)
    assert all(page.do and page.do_not and page.ask_a_colleague and page.sources for page in pages)
    signs = [page for page in pages if page.signs]
    assert signs
    for line in (line for page in signs for line in page.signs):  # questions to oneself, never a label
        assert line.endswith("?")


def test_what_a_page_says_of_law_days_and_medicine_has_a_source_that_can_be_opened() -> None:
    fact = re.compile(r"\b(?:hours|law|right to|guardian must|needs a guardian)\b")
    stating = {
        page.id: page
        for page in shipped().playbooks
        if any(fact.search(line) for line in (*page.do, *page.do_not, *page.words, *page.ask_a_colleague))
    }

    assert {"asylum", "health", "under-18", "violence"} <= set(stating)
    for page in stating.values():
        assert any("https://" in source for source in page.sources), page.id


def test_no_page_gives_words_that_promise_or_that_are_law_somewhere_else() -> None:
    promised = re.compile(
        rf"{'|'.join(PHRASES)}|\b(?:nothing happens|I (?:will|stay)|we will|look on|first answers?|answers first|tell you before)\b",
        re.IGNORECASE,
    )
    words = [line for page in shipped().playbooks for line in page.words]

    assert [line for line in words if promised.search(line)] == []
    assert [line for line in words if "asylum" in line and not line.startswith("In Serbia")] == []
