"""What translators work on: the template of all texts, and each language's files brought up to date.

`translations/flows.pot` comes from the flows and facts; `translations/ui.pot` is written by hand and only read here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.content.folders import Content
from bot.content.translations_folder import TRANSLATIONS
from bot.flow.lint import source_texts
from bot.i18n.catalogue import RESCUE_SENTENCES
from bot.i18n.languages import ENGLISH
from bot.i18n.merging import header_for, merge
from bot.i18n.po import PoEntry, PoHeader, parse_header, parse_po
from bot.i18n.po_text import write_po
from bot.i18n.rescue_page import rescue_page
from bot.i18n.reviews import Standing, standing
from bot.i18n.scripts import WRITTEN_AS
from bot.kernel.problems import Problem

FLOWS_POT: Final = f"{TRANSLATIONS}/flows.pot"
FLOWS_PO: Final = "flows.po"
UI_PO: Final = "ui.po"
RESCUE: Final = "rescue.md"

_POT_HEADER: Final = PoHeader(
    (
        "All texts of the flows and facts, in English. Written by `fener translations extract`: do not edit.",
        "How to translate: docs/how-to/translate.md. The words to use: translations/GLOSSARY.md.",
    ),
    (
        "Project-Id-Version: fener",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
    ),
)


@dataclass(frozen=True, slots=True)
class Update:
    """One file of a language as it should be, and what changed in it."""

    path: str
    text: str
    new: int
    changed: int
    dropped: int


@dataclass(frozen=True, slots=True)
class LanguageStanding:
    """How far one language is: its flows, the engine's sentences, and of these the twelve rescue sentences."""

    code: str
    name: str
    offered: bool
    flows: Standing
    ui: Standing
    rescue: Standing


def template(content: Content) -> list[PoEntry]:
    """Every text of flows and facts, flows in the order of their files."""
    return source_texts(content.flows.drafts, content.flows.facts)


def flows_pot(content: Content) -> str:
    """The text of translations/flows.pot."""
    return write_po(_POT_HEADER, template(content))


def to_translate(content: Content) -> tuple[str, ...]:
    """The languages that have files of their own, in menu order."""
    codes = content.translations.catalogue.languages.codes
    return tuple(code for code in codes if code != ENGLISH and code not in WRITTEN_AS)


def update(content: Content, root: Path, language: str) -> tuple[list[Update], list[Problem]]:
    """The PO files of one language brought up to date. With a problem there is none: a broken file would lose texts."""
    updates: list[Update] = []
    problems: list[Problem] = []
    for name, source in ((FLOWS_PO, template(content)), (UI_PO, content.translations.sentences)):
        path = f"{TRANSLATIONS}/{language}/{name}"
        file = root / path
        text = file.read_text("utf-8") if file.exists() else ""
        old, faults = parse_po(text, path)
        problems += faults
        merged = merge(source, old)
        header = header_for(language, parse_header(text))
        updates.append(
            Update(path, write_po(header, merged.entries), merged.new, merged.changed, merged.dropped)
        )
    return ([] if problems else updates), problems


def rescue(content: Content, language: str, written: Sequence[PoEntry]) -> Update:
    """translations/<lang>/rescue.md: the twelve rescue sentences for a native reader. `written` is the ui.po."""
    spoken = content.translations.catalogue.languages.get(language)
    name = spoken.name if spoken else language
    direction = spoken.direction if spoken else "ltr"
    sources = _rescue_sources(content)
    path = f"{TRANSLATIONS}/{language}/{RESCUE}"
    return Update(path, rescue_page(language, name, direction, sources, written), 0, 0, 0)


def standings(content: Content) -> list[LanguageStanding]:
    """How far each language is, in menu order."""
    words = content.translations
    flows = {file.language: file.entries for file in words.flow_files}
    ui = {file.language: file.entries for file in words.ui_files}
    texts, sentences, sources = template(content), words.sentences, _rescue_sources(content)
    found = []
    for code in to_translate(content):
        spoken = words.catalogue.languages.get(code)
        found.append(
            LanguageStanding(
                code=code,
                name=spoken.name if spoken else code,
                offered=code not in words.catalogue.withheld,
                flows=standing(texts, flows.get(code, ())),
                ui=standing(sentences, ui.get(code, ())),
                rescue=standing(sources, ui.get(code, ())),
            )
        )
    return found


def _rescue_sources(content: Content) -> list[PoEntry]:
    by_context = {entry.context: entry for entry in content.translations.sentences}
    return [by_context[key] for key in RESCUE_SENTENCES if key in by_context]
