"""A content folder in which two made-up drafts stand beside the English: one left to right, one right to left."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bot.content.folders import load_library, read_content
from bot.content.translators import FLOWS_PO, UI_PO, template
from bot.flow.library import Library
from bot.i18n.merging import header_for
from bot.i18n.po import PoEntry, PoHeader
from bot.i18n.po_text import write_po
from tests.content.foreign import TODAY, write

LANGUAGES = """\
- {code: en, name: English, direction: ltr, fallback: []}
- {code: fr, name: Français, direction: ltr, fallback: [en]}
- {code: ar, name: العربية, direction: rtl, fallback: [en]}
- {code: de, name: Deutsch, direction: ltr, fallback: [en]}
"""
START = """\
flow: start
title: Start
entry: [start, language]
start: pick
remember: {tongue: language}
steps:
  pick:
    say: Hello.
    ask: tongue
    next: menu
  menu:
    go: menu
"""
HARD = """\
flow: hard
title: A hard topic
start: numbers
facts:
  police:
    text: |
      Police 192, or +381 11 123 456. See https://example.org/help.
    source: A page, https://example.org/water
    checked on: 2026-11-01
    checked by: editor-a
    expires on: 2027-05-01
    state: sourced
steps:
  numbers:
    say: |
      Breathe. Count to 4.
    choices:
      plain: Plain words -> plain
      fact: A number -> fact
      person: A person -> person
  plain:
    safety critical: true
    say: |
      Go where people are.
    choices:
      back: Other words -> numbers
      person: A person -> person
  fact:
    say: |
      A number to keep.
    fact: police
    choices:
      back: Other words -> numbers
      person: A person -> person
  person:
    go: person
"""
MENU = """\
flow: menu
title: Menu
entry: menu
start: top
steps:
  top:
    say: |
      What do you need?
    choices:
      place: A place to sleep -> place
      hard: Hard words -> hard
      person: A person -> person
  place:
    go: housing
  hard:
    go: hard
  person:
    go: person
"""
COMMANDS = """\
person: [{0} personne]
leave: [{0} partir]
back: [{0} retour]
menu: [{0} tout]
help: [{0} aide]
sos: [{0} urgence]
language: [{0} langue]
erase: [{0} effacer]
slow: [{0} lent]
one minute: [{0} vite]
mail: [{0} mot]
safe word: [{0} cache]
"""
CRISIS = "suicide: [{0} mourir]\ndanger now: [{0} danger]\nviolence: [{0} coups]\ntrafficking: [{0} prison]\nchild: [{0} enfant]\nmedical: [{0} sang]\n"

IN_FRENCH = "FR"
IN_ARABIC = "نص"
WORDS = {"fr": IN_FRENCH, "ar": IN_ARABIC}

Change = Callable[[PoEntry], PoEntry]


def draft(entry: PoEntry, word: str) -> PoEntry:
    """An unreviewed translation nobody made: a word of the language before the English."""
    return replace(entry, text=f"{word} {entry.source}", flags=("unreviewed", *entry.flags))


def read(entry: PoEntry) -> PoEntry:
    """The translation after somebody read it."""
    flags = tuple(flag for flag in entry.flags if flag != "unreviewed")
    return replace(entry, flags=flags, comments=("reviewed-by: reader-a 2026-11-20",))


def as_it_is(entry: PoEntry) -> PoEntry:
    return entry


def folder(root: Path, change: Change = as_it_is, files: Mapping[str, str] | None = None) -> Path:
    """A folder with drafts in fr and ar of every text, each changed by `change`; de has nothing."""
    changes: dict[str, str] = {
        "flows/start.yaml": START,
        "flows/language.yaml": "",
        "flows/menu.yaml": MENU,
        "flows/hard.yaml": HARD,
        "translations/languages.yaml": LANGUAGES,
        **(files or {}),
    }
    write(root, {path: text or None for path, text in changes.items()})
    (root / "flows/language.yaml").unlink(missing_ok=True)
    content = read_content(root, today=TODAY)
    for code, word in WORDS.items():
        home = root / "translations" / code
        home.mkdir(parents=True, exist_ok=True)
        header = header_for(code, PoHeader())
        for name, source in ((FLOWS_PO, template(content)), (UI_PO, content.translations.sentences)):
            made = [change(draft(entry, word)) for entry in source]
            (home / name).write_text(write_po(header, made), "utf-8")
        (home / "commands.yaml").write_text(COMMANDS.format(word), "utf-8")
        (home / "crisis.yaml").write_text(CRISIS.format(word), "utf-8")
    return root


def library(root: Path, change: Change = as_it_is) -> Library:
    """The folder as a library; a problem that is an error is a fault of the test."""
    made, problems = load_library(folder(root, change), today=TODAY)
    assert made is not None, [one for one in problems if one.severity == "error"]
    return made
