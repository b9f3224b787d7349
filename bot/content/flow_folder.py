"""flows/ on disk: flows, shared slots, facts, playbooks and the names of media files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.content.files import ContentFiles, stem
from bot.flow.definition import Fact, SlotType
from bot.flow.draft import Draft
from bot.flow.parse import parse_facts, parse_flow, parse_shared
from bot.flow.parse_playbook import PlaybookDraft, parse_playbook
from bot.kernel.problems import Mark, Problem

FLOWS: Final = "flows"
SHARED: Final = "flows/shared.yaml"
FACTS: Final = "flows/facts"
MEDIA: Final = "flows/media"
PLAYBOOKS: Final = "flows/playbooks"


@dataclass(frozen=True, slots=True)
class FlowFolder:
    """What flows/ holds, parsed. A draft may be incomplete where there were problems."""

    drafts: tuple[Draft, ...] = ()
    shared: Mapping[str, SlotType] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    media: frozenset[str] = frozenset()
    playbooks: tuple[PlaybookDraft, ...] = ()


def read_flows(files: ContentFiles) -> tuple[FlowFolder, list[Problem]]:
    """Everything in flows/ with all problems. Scripted conversations (`*.test.yaml`) are not flows."""
    problems: list[Problem] = []
    if not files.has(FLOWS):
        mark = Mark(FLOWS, 1, 1)
        return FlowFolder(), [
            Problem(
                "Y110",
                mark,
                "there is no folder flows/",
                "make it, with one YAML file a flow, or set CONTENT_DIR",
            )
        ]
    shared = _shared(files, problems)
    drafts: list[Draft] = []
    facts: list[Fact] = []
    for path in _flow_paths(files, problems):
        node = files.yaml(path)
        if node is not None:
            draft, found = parse_flow(node, stem(path), shared)
            problems += found
            if draft is not None:
                drafts.append(draft)
                facts += draft.facts
    for path in files.names(FACTS, ".yaml"):
        node = files.yaml(path)
        if node is not None:
            parsed, found = parse_facts(node)
            problems += found
            facts += parsed
    if not drafts and not problems and not files.problems:
        mark = Mark(FLOWS, 1, 1)
        problems.append(Problem("Y110", mark, "there is no flow in flows/", "write one YAML file a flow"))
    media = frozenset(path.rsplit("/", 1)[1] for path in files.names(MEDIA, ""))
    playbooks = _playbooks(files, problems)
    return FlowFolder(tuple(drafts), shared, tuple(facts), media, playbooks), problems


def _shared(files: ContentFiles, problems: list[Problem]) -> Mapping[str, SlotType]:
    node = files.yaml(SHARED) if files.has(SHARED) else None
    if node is None:
        return {}
    shared, found = parse_shared(node)
    problems += found
    return shared


def _playbooks(files: ContentFiles, problems: list[Problem]) -> tuple[PlaybookDraft, ...]:
    found = []
    for path in files.names(PLAYBOOKS, ".yaml"):
        node = files.yaml(path)
        if node is not None:
            draft, faults = parse_playbook(node, stem(path))
            problems += faults
            found += [draft] if draft is not None else []
    return tuple(found)


def _flow_paths(files: ContentFiles, problems: list[Problem]) -> list[str]:
    found = []
    waiting = [FLOWS]
    while waiting:
        folder = waiting.pop(0)
        waiting += [inner for inner in files.folders(folder) if inner not in {FACTS, MEDIA, PLAYBOOKS}]
        found += [
            path
            for path in files.names(folder, ".yaml")
            if path != SHARED and not path.endswith(".test.yaml")
        ]
        problems += [
            Problem(
                "Y113", Mark(path, 1, 1), "this file is not read: its name ends in .yml", "rename it to .yaml"
            )
            for path in files.names(folder, ".yml")
        ]
    return found
