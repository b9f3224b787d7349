import re
from pathlib import Path

import pytest

from bot.content.marks import read_yaml
from bot.i18n.catalogue import RESCUE_KEYS, Catalogue, english_ui
from bot.i18n.formatting import placeholders
from bot.i18n.languages import parse_languages
from bot.i18n.po import PoEntry, parse_po
from bot.i18n.scripts import WRITTEN_AS
from bot.i18n.wordfiles import COMMANDS, parse_commands
from bot.nlu.normalise import words_of

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "translations"
ENTRIES, FAULTS = parse_po((TRANSLATIONS / "ui.pot").read_text("utf-8"), "translations/ui.pot")
ENGLISH = english_ui(ENTRIES)
NEVER_SAID = ENGLISH.keys() & {"engine/yes.words", "engine/no.words"}
BANNED = re.compile(
    r"\b(why|illegal|homosexual|lifestyle|preference|victim|confess|admit|real name|prove|promise|guarantee|nothing remains"
    r"|are you sure|end-to-end|gay|lesbian|queer|lgbt\w*|refugee)\b",
    re.IGNORECASE,
)
KEY_IN_CODE = re.compile(r'"((?:engine|card|wait|topic|queue|slot)/[a-z0-9_.]*[a-z0-9_])"')


def test_the_sentences_of_the_engine_can_all_be_read() -> None:
    assert FAULTS == []
    assert len(ENGLISH) > 200


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.context)
def test_a_sentence_is_short_plain_and_without_why_or_promise(entry: PoEntry) -> None:
    text = ENGLISH[entry.context].text
    sentences = re.split(r"(?<=[.!?:])\s", text)

    assert len(text) <= 350
    if entry.context.startswith("asks/"):
        return  # words that nobody should say: they are only looked for
    assert BANNED.search(text) is None
    if entry.context not in NEVER_SAID:
        assert max(len(sentence.split()) for sentence in sentences) <= 20


def test_the_two_options_under_every_message_are_short() -> None:
    assert len(ENGLISH["engine/footer.person"].text) <= 20
    assert len(ENGLISH["engine/footer.leave"].text) <= 20


def test_every_sentence_named_in_code_exists() -> None:
    named = {
        key for path in (ROOT / "bot").rglob("*.py") for key in KEY_IN_CODE.findall(path.read_text("utf-8"))
    }

    assert Catalogue(sentences={"en": ENGLISH}).missing(sorted(named)) == ()


def test_every_rescue_sentence_exists_and_needs_no_value() -> None:
    assert ENGLISH.keys() >= RESCUE_KEYS
    assert not any(placeholders(ENGLISH[key].text) for key in RESCUE_KEYS)


def _commands() -> dict[str, dict[str, tuple[str, ...]]]:
    found = {}
    for path in sorted(TRANSLATIONS.glob("*/commands.yaml")):
        node, faults = read_yaml(path.read_bytes(), path.name)
        assert node is not None
        words, problems = parse_commands(node, path.parent.name)
        assert [*faults, *problems] == []
        found[path.parent.name] = dict(words)
    return found


def test_every_language_of_the_menu_has_words_for_every_command() -> None:
    node, _ = read_yaml((TRANSLATIONS / "languages.yaml").read_bytes(), "languages.yaml")
    assert node is not None
    commands = _commands()

    assert set(commands) == set(parse_languages(node)[0].codes) - WRITTEN_AS.keys()
    assert all(set(words) == set(COMMANDS) for words in commands.values())


def test_no_word_is_two_commands_in_two_languages() -> None:
    meanings: dict[str, set[str]] = {}
    for commands in _commands().values():
        for command, words in commands.items():
            for word in words:
                meanings.setdefault(words_of(word), set()).add(command)

    assert {word: found for word, found in meanings.items() if len(found) > 1} == {}


def test_the_english_words_of_the_contract_are_there() -> None:
    english = _commands()["en"]

    for command, words in {
        "person": ("person", "human"),
        "leave": ("leave", "exit"),
        "back": ("back",),
        "menu": ("menu",),
        "help": ("help",),
        "sos": ("sos",),
        "language": ("language",),
        "erase": ("erase",),
        "slow": ("slow",),
        "one minute": ("1min",),
        "mail": ("note",),
        "safe word": ("safe word",),
    }.items():
        assert set(words) <= set(english[command])
