"""A content folder as one Library, or every problem in it at once. The way in: `load_library`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from bot.content.directory_folder import FOLDER as DIRECTORY
from bot.content.directory_folder import load_directory
from bot.content.files import ContentFiles
from bot.content.flow_folder import FLOWS, FlowFolder, read_flows
from bot.content.translations_folder import TranslationsFolder, read_translations
from bot.directory.lint import lint_directory
from bot.directory.matching import Directory
from bot.directory.model import Network, Taxonomy
from bot.flow.definition import Entry
from bot.flow.library import Library
from bot.flow.lint import World, lint_flows, source_texts
from bot.flow.parse_playbook import check_playbooks
from bot.i18n.lint import lint_translations
from bot.i18n.wordfiles import ABUSE
from bot.kernel.problems import Mark, Problem
from bot.nlu.crisis import CrisisLists
from bot.nlu.intents import IntentModel
from bot.nlu.normalise import fold

NOBODY_YET: Final = frozenset({"D301", "D302"})
"""Needs and queues that nobody serves: no error while the directory has no organisation at all."""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything in a content folder, parsed, with all problems; made into a Library when none is an error."""

    flows: FlowFolder
    translations: TranslationsFolder
    directory: Directory
    problems: tuple[Problem, ...]
    version: str

    @property
    def failed(self) -> bool:
        """Whether any problem is an error."""
        return any(problem.severity == "error" for problem in self.problems)


def load_library(root: Path, *, today: date) -> tuple[Library | None, list[Problem]]:
    """The content folder `root` as a Library, None when a problem is an error; and every problem, in file order."""
    content = read_content(root, today=today)
    return (None if content.failed else build_library(content)), list(content.problems)


def read_content(root: Path, *, today: date) -> Content:
    """Read and check all of flows/, directory/ and translations/ under `root`. Never raises for what is in it."""
    if not root.is_dir():
        mark = Mark(FLOWS, 1, 1)
        missing = Problem(
            "Y110", mark, f"there is no folder {root}", "set CONTENT_DIR to the folder that holds flows/"
        )
        return Content(FlowFolder(), TranslationsFolder(), _empty_directory(), (missing,), "")
    files = ContentFiles(root)
    flows, problems = read_flows(files)
    directory, directory_problems = _read_directory(files)
    problems += directory_problems
    names = [draft.flow.id for draft in flows.drafts]
    words, word_problems = read_translations(files, names)
    problems += word_problems
    problems += files.problems
    problems += _lint(flows, words, directory, today)
    if directory is not None and files.has(DIRECTORY):
        problems += _lint_directory(flows, directory, today)
        problems += check_playbooks(
            flows.playbooks, needs=directory.taxonomy.needs, queues=directory.network.queues, today=today
        )
    return Content(flows, words, directory or _empty_directory(), _in_order(problems), files.version())


def load_words(root: Path) -> tuple[TranslationsFolder, list[Problem]]:
    """Only translations/ of a folder, for commands that do not need its flows to be whole."""
    files = ContentFiles(root)
    words, problems = read_translations(files)
    return words, [*problems, *files.problems]


def build_library(content: Content) -> Library:
    """The Library of content without errors."""
    words = content.translations
    return Library(
        version=content.version,
        flows={draft.flow.id: draft.flow for draft in content.flows.drafts},
        entries=_entries(content.flows),
        shared=content.flows.shared,
        facts={fact.id: fact for fact in content.flows.facts},
        directory=content.directory,
        catalogue=words.catalogue,
        commands=words.commands,
        crisis=CrisisLists(words.crisis),
        intents=IntentModel(words.phrases),
        playbooks=tuple(draft.playbook for draft in content.flows.playbooks),
        abuse=tuple(entry for lists in words.abuse.values() for entry in lists.get(ABUSE, ())),
    )


def _entries(flows: FlowFolder) -> dict[Entry, str]:
    entries: dict[Entry, str] = {}
    for draft in flows.drafts:
        for entry in draft.flow.entry:
            entries.setdefault(entry, draft.flow.id)
    return entries


def _read_directory(files: ContentFiles) -> tuple[Directory | None, list[Problem]]:
    """The directory; an empty one with a warning where there is no folder. The bytes are read for the version."""
    if not files.has(DIRECTORY):
        mark = Mark(DIRECTORY, 1, 1)
        mend = (
            "add directory/taxonomy.yaml, places.yaml and network.yaml when flows match services or hand off"
        )
        return _empty_directory(), [Problem("Y110", mark, "there is no folder directory/", mend, "warning")]
    before = len(files.problems)
    for folder in (DIRECTORY, *files.folders(DIRECTORY)):
        for path in files.names(folder, ".yaml"):
            files.read(path)
    if len(files.problems) > before:
        return None, []
    return load_directory(
        files.root, fold=fold, read=lambda path: files.read(path) if files.has(path) else None
    )


def _empty_directory() -> Directory:
    return Directory.build((), Taxonomy(), (), Network(), fold=fold)


def _lint(
    flows: FlowFolder, words: TranslationsFolder, directory: Directory | None, today: date
) -> list[Problem]:
    world = World(
        shared=flows.shared,
        media=flows.media,
        directory=directory,
        catalogue=words.catalogue,
        today=today,
    )
    problems = lint_flows(flows.drafts, flows.facts, world)
    return problems + _lint_translations(flows, words)


def _lint_directory(flows: FlowFolder, directory: Directory, today: date) -> list[Problem]:
    needs = _used(flows, "need", lambda name: name in directory.taxonomy.needs)
    queues = _used(flows, "queue", lambda name: name in directory.network.queues)
    found = lint_directory(directory, today, needs=needs, queues=queues)
    if directory.organisations:
        return found
    return [replace(one, severity="warning") if one.code in NOBODY_YET else one for one in found]


def _used(flows: FlowFolder, kind: str, known: Callable[[str], bool]) -> Mapping[str, Mark]:
    """The known names of a kind that flows use, with where they do; unknown ones are the flow check's to report."""
    used: dict[str, Mark] = {}
    for draft in flows.drafts:
        for reference in draft.references:
            if reference.kind == kind and known(reference.name):
                used.setdefault(reference.name, reference.mark)
    return used


def _lint_translations(flows: FlowFolder, words: TranslationsFolder) -> list[Problem]:
    texts = source_texts(flows.drafts, flows.facts)
    problems: list[Problem] = []
    for file in words.flow_files:
        if file.entries:
            problems += lint_translations(file.entries, texts, file.language, Mark(file.path, 1, 1))
    for file in words.ui_files:
        problems += lint_translations(file.entries, words.sentences, file.language, Mark(file.path, 1, 1))
    return problems


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda one: (one.mark, one.severity, one.code, one.message))
    )
