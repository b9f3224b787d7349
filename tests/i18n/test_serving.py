"""What a person reads and may type in a language whose drafts nobody reviewed yet."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.folders import load_library
from bot.flow.library import Library
from bot.flow.rehearsal import said
from bot.i18n.bidi import CONTROLS
from bot.i18n.catalogue import NEEDED_KEYS
from bot.i18n.po import PoEntry
from tests.content.foreign import TODAY
from tests.flow.stage import Person, a_person
from tests.i18n.drafted import IN_ARABIC, IN_FRENCH, folder, library, read

NOTICE = "This text is not checked in your language yet. So here it is in English."
OFFER = "A person can help you, also with an interpreter."


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return library(tmp_path_factory.mktemp("drafted"))


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return library(tmp_path_factory.mktemp("reviewed"), read)


def texts(person: Person) -> tuple[str, ...]:
    return said(person.turn).texts


def plain(text: str) -> str:
    """Without the invisible characters of direction."""
    return CONTROLS.sub("", text)


def test_an_ordinary_text_is_served_as_a_draft_with_its_options_and_footer(drafted: Library) -> None:
    person = a_person(drafted).at("hard", language="fr")

    assert texts(person) == ("FR Breathe. Count to 4.",)
    assert person.labels == ("FR Plain words", "FR A number", "FR A person")
    assert [option.label for option in said(person.turn).footer] == [
        "FR A person / A person",
        "FR Leave / Leave",
    ]


def test_a_safety_critical_step_is_served_in_english_between_a_notice_and_an_offer_in_both_languages(
    drafted: Library,
) -> None:
    person = a_person(drafted).at("hard", language="fr").picks("plain")

    assert texts(person) == (f"FR {NOTICE}\n{NOTICE}", "Go where people are.", f"FR {OFFER}\n{OFFER}")
    assert person.labels == ("Other words", "A person")


def test_a_fact_is_served_in_english_even_in_an_ordinary_step(drafted: Library) -> None:
    person = a_person(drafted).at("hard", language="fr").picks("fact")

    assert texts(person) == (
        "FR A number to keep.",
        f"FR {NOTICE}\n{NOTICE}",
        "Police 192, or +381 11 123 456. See https://example.org/help.\nFR Checked on 2026-11-01",
        f"FR {OFFER}\n{OFFER}",
    )


def test_what_people_consent_to_is_in_english_and_says_so_once(drafted: Library) -> None:
    person = a_person(drafted).at("person", language="fr")
    shown = texts(person)

    assert shown[0] == f"FR {NOTICE}\n{NOTICE}"
    assert shown[1].startswith("This will go to a person at Lantern Demo Centre:")
    assert shown[-1] == f"FR {OFFER}\n{OFFER}"
    assert sum(NOTICE in text for text in shown) == 1
    assert person.labels == ("Yes, send it", "No, do not send", "Another organisation")


def test_no_notice_stays_behind_when_english_was_not_said(drafted: Library) -> None:
    person = a_person(drafted).at("person", language="fr").says("FR yes")

    assert texts(person) == ("FR Write what a caseworker should know.",)


def test_leaving_says_one_neutral_sentence_and_no_notice(drafted: Library) -> None:
    person = a_person(drafted).at("person", language="fr").says("0")

    assert texts(person) == ("FR Okay. Have a good day.\nOkay. Have a good day.",)


def test_after_a_review_everything_is_served_in_the_language_alone(reviewed: Library) -> None:
    person = a_person(reviewed).at("hard", language="fr").picks("plain")
    assert texts(person) == ("FR Go where people are.",)
    assert person.labels == ("FR Other words", "FR A person")

    fact = a_person(reviewed).at("hard", language="fr").picks("fact")
    assert texts(fact)[1].startswith("FR Police 192, or +381 11 123 456.")
    consent = a_person(reviewed).at("person", language="fr")
    assert all(
        line.removeprefix("- ").startswith("FR ") for text in texts(consent) for line in text.split("\n")
    )


@pytest.mark.parametrize("flow", ["hard", "person", "housing", "menu"])
def test_in_a_reviewed_language_no_english_sentence_is_left(reviewed: Library, flow: str) -> None:
    person = a_person(reviewed).at(flow, language="fr")
    every = [*texts(person), *person.labels, *(option.label for option in said(person.turn).footer)]

    assert all(text.startswith(IN_FRENCH) for text in every)


def test_a_right_to_left_reply_says_its_direction_and_keeps_numbers_and_links_in_one_piece(
    reviewed: Library,
) -> None:
    person = a_person(reviewed).at("hard", language="ar").picks("fact")
    fact = texts(person)[1]

    assert said(person.turn).direction == "rtl"
    assert fact.startswith(IN_ARABIC)
    assert "\u2068+381 11 123 456\u2069" in fact
    assert "\u2068192\u2069" in fact
    assert "\u2068https://example.org/help\u2069." in fact
    assert "\u20682026-11-01\u2069" in fact


def test_names_of_organisations_are_isolated_in_a_right_to_left_text(reviewed: Library) -> None:
    person = a_person(reviewed).at("person", language="ar")

    assert "\u2068Lantern Demo Centre\u2069" in texts(person)[0]


def test_english_in_a_right_to_left_conversation_is_a_unit_by_line(drafted: Library) -> None:
    person = a_person(drafted).at("hard", language="ar").picks("plain")

    assert texts(person)[1] == "\u2068Go where people are.\u2069"
    assert person.labels == ("\u2068Other words\u2069", "\u2068A person\u2069")
    assert texts(person)[0] == f"{IN_ARABIC} {NOTICE}\n\u2068{NOTICE}\u2069"


@pytest.mark.parametrize(
    ("typed", "said_at"),
    [
        ("FR Plain words", "hard/plain"),
        ("fr a number", "hard/fact"),
        ("A number", "hard/fact"),
        ("2", "hard/fact"),
        ("٢", "hard/fact"),
        ("FR tout", "menu/top"),
        ("FR urgence", "sos/hello"),
        ("FR personne", "person/note.consent"),
        ("FR partir", "leave"),
    ],
)
def test_typed_words_of_the_language_choose_and_command(drafted: Library, typed: str, said_at: str) -> None:
    assert said_at in a_person(drafted).at("hard", language="fr").says(typed).turn.trace


@pytest.mark.parametrize("typed", ["FR Other words", "Other words", "١"])
def test_where_options_are_in_english_the_draft_can_be_typed_all_the_same(
    drafted: Library, typed: str
) -> None:
    assert a_person(drafted).at("hard", language="fr").picks("plain").says(typed).place == "hard/numbers"


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("typed", ["FR mourir", f"{IN_ARABIC} danger"])
def test_words_of_danger_are_heard_in_every_language_whatever_was_chosen(
    drafted: Library, language: str, typed: str
) -> None:
    assert "crisis/hello" in a_person(drafted).at("hard", language=language).says(typed).turn.trace


def test_choosing_a_language_switches_the_texts_the_options_and_the_footer(drafted: Library) -> None:
    person = a_person(drafted).says("hi").picks("fr")

    assert texts(person) == ("FR What do you need?",)
    assert person.labels == ("FR A place to sleep", "FR Hard words", "FR A person")
    assert said(person.turn).language == "fr"
    assert said(person.turn).footer[0].label == "FR A person / A person"


def test_only_languages_with_the_needed_sentences_are_in_the_menu_in_their_own_names(
    drafted: Library,
) -> None:
    assert a_person(drafted).says("hi").labels == ("English", "Français", "العربية")
    assert drafted.catalogue.withheld == {"de"}


@pytest.mark.parametrize("key", ["engine/footer.leave", "engine/sos", "engine/not_understood"])
def test_one_needed_sentence_that_is_missing_withholds_the_language(tmp_path: Path, key: str) -> None:
    assert key in NEEDED_KEYS

    def without(entry: PoEntry) -> PoEntry:
        return replace(entry, text="") if entry.context == key else entry

    assert library(tmp_path, without).catalogue.withheld == {"fr", "ar", "de"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("192", "193", "T605"),
        ("+381 11 123 456", "+381 11 123 457", "T605"),
        ("example.org/help", "example.org/harm", "T606"),
    ],
)
def test_a_number_or_link_changed_in_a_draft_refuses_the_content(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    def changed(entry: PoEntry) -> PoEntry:
        return replace(entry, text=entry.text.replace(old, new))

    made, problems = load_library(folder(tmp_path, changed), today=TODAY)

    assert made is None
    assert code in {one.code for one in problems if one.severity == "error"}


def test_a_long_list_of_languages_is_paged_and_a_language_of_a_later_page_can_be_typed() -> None:
    made, _ = load_library(Path(), today=TODAY)
    assert made is not None
    everyone = replace(made, catalogue=replace(made.catalogue, withheld=frozenset()), prepared=[])
    person = a_person(everyone).says("hi")

    assert len(person.labels) == 8
    assert person.labels[-1].startswith("… ")
    assert plain(" ".join(person.picks("=more").labels)).startswith("Português Español Türkçe Русский")
    assert a_person(everyone).says("hi", "Türkçe").session.language == "tr"
