"""Playbooks: what admins write beside the flows, and every fault in it with its place and mend."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.marks import read_yaml
from bot.flow.parse_playbook import PlaybookDraft, check_playbooks, parse_playbook
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
        ("expires on: 2027-05-21", "expires on: 2026-05-21", "F605"),
        ("do not:", "dont:", "F102"),
        ("  - Count the days for them.", "  - Count the days #always", "F108"),
        ("  - UNHCR Help Serbia", "\n".join(f"  - source {number}" for number in range(13)), "F110"),
        ("state: reviewed", "state: perfect", "F110"),
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
_SCALARS = st.text(max_size=12).map(lambda text: Scalar(text, _MARK))
_TREES: st.SearchStrategy[Node] = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda found: Items(tuple(found), _MARK))
        | st.lists(
            st.tuples(
                st.sampled_from(["do", "do not", "version", "state", "needs", "checked on", "odd"]).map(
                    lambda key: Scalar(key, _MARK)
                ),
                inner,
            ),
            max_size=4,
        ).map(lambda found: Fields(tuple(found), _MARK))
    ),
    max_leaves=12,
)


@given(_TREES)
def test_whatever_stands_in_a_file_it_becomes_problems_and_nothing_breaks(tree: Node) -> None:
    draft, problems = parse_playbook(tree, "any")

    assert problems
    assert draft is None or draft.playbook.id == "any"


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
