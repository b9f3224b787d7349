"""translations/ on disk: languages, PO files and the word lists of each language.

Where a folder has no engine sentences, languages, commands or crisis words of its own, those shipped with the
program stand in, so that other people's flows need none.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import bot
from bot.content.files import ContentFiles
from bot.flow.nearest import one_of
from bot.i18n.catalogue import Catalogue, Message, english_ui, lacking, translations
from bot.i18n.languages import ENGLISH, Languages, parse_languages
from bot.i18n.po import PoEntry, parse_po
from bot.i18n.scripts import WRITTEN_AS, InCyrillic
from bot.i18n.wordfiles import parse_abuse, parse_commands, parse_crisis, parse_phrases
from bot.kernel.problems import Mark, Node, Problem

TRANSLATIONS: Final = "translations"
LANGUAGES: Final = "translations/languages.yaml"
UI: Final = "translations/ui.pot"

SHIPPED: Final = Path(bot.__file__).resolve().parent.parent
"""The folder of the program, whose translations/ stands in."""

Words = Mapping[str, tuple[str, ...]]
Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class PoFile:
    """One PO file of this folder, kept for the checks."""

    path: str
    language: str
    entries: Sequence[PoEntry]


@dataclass(frozen=True, slots=True)
class TranslationsFolder:
    """What translations/ holds, parsed: texts, and per language its phrases, crisis words and commands."""

    catalogue: Catalogue = field(default_factory=Catalogue)
    phrases: Mapping[str, Words] = field(default_factory=dict)
    crisis: Mapping[str, Words] = field(default_factory=dict)
    abuse: Mapping[str, Words] = field(default_factory=dict)
    commands: Mapping[str, Words] = field(default_factory=dict)
    sentences: Sequence[PoEntry] = ()
    flow_files: Sequence[PoFile] = ()
    ui_files: Sequence[PoFile] = ()


def read_translations(
    files: ContentFiles, flows: Collection[str] | None = None
) -> tuple[TranslationsFolder, list[Problem]]:
    """Everything in translations/ with all problems. `flows` are those that phrases may lead to; None: any."""
    return _Reading(files, flows).all()


class _Reading:
    """One translations folder while it is read."""

    def __init__(self, files: ContentFiles, flows: Collection[str] | None) -> None:
        self._files = files
        self._shipped = ContentFiles(SHIPPED)
        self._flows = flows
        self._problems: list[Problem] = []

    def all(self) -> tuple[TranslationsFolder, list[Problem]]:
        languages = self._languages()
        source = self._entries(UI, shipped_too=True)
        if not source:
            self._problems.append(
                Problem(
                    "Y110",
                    Mark(UI, 1, 1),
                    "the engine's own sentences are missing",
                    "copy translations/ui.pot of Fener here",
                )
            )
        flow_files, ui_files = [], []
        flows: dict[str, Mapping[str, Message]] = {}
        sentences: dict[str, Mapping[str, Message]] = {ENGLISH: english_ui(source)}
        for code in languages.codes:
            if code == ENGLISH or code in WRITTEN_AS:
                continue
            flow_path, ui_path = f"{TRANSLATIONS}/{code}/flows.po", f"{TRANSLATIONS}/{code}/ui.po"
            flow_entries = self._entries(flow_path, shipped_too=False)
            ui_entries = self._entries(ui_path, shipped_too=True)
            flows[code], sentences[code] = translations(flow_entries), translations(ui_entries)
            flow_files.append(PoFile(flow_path, code, flow_entries))
            if self._files.has(ui_path):
                ui_files.append(PoFile(ui_path, code, ui_entries))
        for code, latin in WRITTEN_AS.items():
            if code in languages.codes:
                flows[code] = InCyrillic(flows.get(latin, {}))
                sentences[code] = InCyrillic(sentences.get(latin, {}))
        found = TranslationsFolder(
            catalogue=Catalogue(languages, flows, sentences, self._withheld(languages, sentences)),
            phrases=self._phrases(languages),
            crisis=self._words(languages, "crisis.yaml", parse_crisis),
            commands=self._words(languages, "commands.yaml", parse_commands),
            abuse=self._words(languages, "abuse.yaml", parse_abuse),
            sentences=source,
            flow_files=tuple(flow_files),
            ui_files=tuple(ui_files),
        )
        self._strangers(languages)
        self._missing(languages)
        return found, self._problems

    def _languages(self) -> Languages:
        own = self._files.has(LANGUAGES)
        files = self._files if own else self._shipped
        node = files.yaml(LANGUAGES) if files.has(LANGUAGES) else None
        if node is None:
            return Languages()
        languages, problems = parse_languages(node)
        if own:
            self._problems += problems
        return languages

    def _entries(self, path: str, *, shipped_too: bool) -> list[PoEntry]:
        own = self._files.has(path)
        files = self._files if own else self._shipped
        text = files.text(path) if own or (shipped_too and files.has(path)) else None
        if text is None:
            return []
        entries, problems = parse_po(text, path, notes=path == UI)
        if own:
            self._problems += problems
        return entries

    def _phrases(self, languages: Languages) -> dict[str, Words]:
        found = {}
        for code in languages.codes:
            path = f"{TRANSLATIONS}/{code}/phrases.yaml"
            node = self._files.yaml(path) if self._files.has(path) else None
            if node is not None:
                found[code], problems = parse_phrases(node, code, self._flows)
                self._problems += problems
        return found

    def _words(
        self, languages: Languages, name: str, parse: Callable[[Node, str], tuple[Words, list[Problem]]]
    ) -> dict[str, Words]:
        found = {}
        for code in languages.codes:
            path = f"{TRANSLATIONS}/{code}/{name}"
            own = self._files.has(path)
            files = self._files if own else self._shipped
            node = files.yaml(path) if files.has(path) else None
            if node is not None:
                found[code], problems = parse(node, code)
                if own:
                    self._problems += problems
        return found

    def _missing(self, languages: Languages) -> None:
        """One warning for each language that lacks files; what is shipped stands in for some."""
        if not self._files.has(LANGUAGES):
            return
        for code in languages.codes:
            if code in WRITTEN_AS:
                continue
            own = ["phrases.yaml", *([] if code == ENGLISH else ["flows.po"])]
            shipped = ["commands.yaml", "crisis.yaml", *([] if code == ENGLISH else ["ui.po"])]
            paths = {name: f"{TRANSLATIONS}/{code}/{name}" for name in (*own, *shipped)}
            lacking = [name for name in own if not self._files.has(paths[name])]
            lacking += [
                name
                for name in shipped
                if not self._files.has(paths[name]) and not self._shipped.has(paths[name])
            ]
            if lacking:
                message = f"the language '{code}' has no {one_of(lacking)}"
                mend = f"add {'them' if len(lacking) > 1 else 'it'} to {TRANSLATIONS}/{code}/"
                self._problems.append(Problem("Y114", Mark(LANGUAGES, 1, 1), message, mend, "warning"))

    def _withheld(
        self, languages: Languages, sentences: Mapping[str, Mapping[str, Message]]
    ) -> frozenset[str]:
        """The languages nobody can choose yet: who chose one could not read the way out in it."""
        withheld = set()
        for code in languages.codes:
            lacks = () if code == ENGLISH else lacking(sentences[code], sentences[ENGLISH])
            if lacks:
                withheld.add(code)
            if lacks and code not in WRITTEN_AS and self._files.has(LANGUAGES):
                message = (
                    f"'{code}' is not offered yet: {len(lacks)} sentences are missing, '{lacks[0]}' first"
                )
                mend = f"translate them in {TRANSLATIONS}/{code}/ui.po; docs/how-to/translate.md names them"
                self._problems.append(Problem("T611", Mark(LANGUAGES, 1, 1), message, mend, "warning"))
        return frozenset(withheld)

    def _strangers(self, languages: Languages) -> None:
        for folder in self._files.folders(TRANSLATIONS):
            code = folder.rsplit("/", 1)[1]
            inside = (*self._files.names(folder, ".po"), *self._files.names(folder, ".yaml"))
            if code not in languages.codes and inside:
                self._problems.append(
                    Problem(
                        "F205",
                        Mark(inside[0], 1, 1),
                        f"the language '{code}' is not in languages.yaml, so this folder is not read",
                        f"add '- {{code: {code}, name: ..., direction: ltr, fallback: [en]}}' there, or remove the folder",
                    )
                )
