import pytest

from bot.i18n.catalogue import RESCUE_KEYS, Catalogue, Message, english_ui, translations
from bot.i18n.languages import Language, Languages
from bot.i18n.po import parse_po

LANGUAGES = Languages(
    (
        Language("en", "English"),
        Language("sr", "Srpski", fallback=("en",)),
        Language("fa", "فارسی", "rtl", ("en",)),
        Language("ps", "پښتو", "rtl", ("fa", "en")),
    )
)
SOURCE = "Which city?"


def _flows(**messages: Message) -> Catalogue:
    return Catalogue(
        LANGUAGES, flows={code: {message.context: message} for code, message in messages.items()}
    )


def test_a_translation_is_served_in_its_language() -> None:
    served = _flows(sr=Message("a/b/say", "Koji grad?")).flow_text("a/b/say", SOURCE, "sr")

    assert (served.text, served.language, served.translated) == ("Koji grad?", "sr", True)


def test_a_missing_text_falls_back_along_the_chain_and_then_to_english() -> None:
    catalogue = _flows(fa=Message("a/b/say", "کدام شهر؟"))

    assert catalogue.flow_text("a/b/say", SOURCE, "ps").language == "fa"
    assert not catalogue.flow_text("a/b/say", SOURCE, "ps").translated
    assert catalogue.flow_text("a/b/say", SOURCE, "sr").text == SOURCE
    assert catalogue.flow_text("a/b/say", SOURCE, "xx").language == "en"


@pytest.mark.parametrize("safety_critical", [True, False])
def test_a_fuzzy_text_is_never_served(safety_critical: bool) -> None:
    catalogue = _flows(sr=Message("a/b/say", "Koji grad?", fuzzy=True))

    assert catalogue.flow_text("a/b/say", SOURCE, "sr", safety_critical=safety_critical).text == SOURCE


def test_a_text_whose_source_changed_is_not_served_even_without_the_fuzzy_mark() -> None:
    catalogue = _flows(sr=Message("a/b/say", "Koji grad?", source="Which town?"))

    assert catalogue.flow_text("a/b/say", SOURCE, "sr").text == SOURCE


def test_an_unreviewed_text_is_not_served_where_safety_depends_on_it() -> None:
    catalogue = _flows(sr=Message("a/b/say", "Koji grad?", unreviewed=True))

    assert catalogue.flow_text("a/b/say", SOURCE, "sr").text == "Koji grad?"
    served = catalogue.flow_text("a/b/say", SOURCE, "sr", safety_critical=True)
    assert (served.text, served.language, served.translated) == (SOURCE, "en", False)


def _engine(**sentences: str) -> Catalogue:
    english = {
        "engine/footer.person": Message("engine/footer.person", "A person"),
        "engine/mail.from": Message("engine/mail.from", "{organisation} writes:"),
        "engine/consent.yes": Message("engine/consent.yes", "Yes, send it"),
    }
    fa = {key: Message(key, text, unreviewed=True) for key, text in sentences.items()}
    return Catalogue(LANGUAGES, sentences={"en": english, "fa": fa})


def test_values_are_isolated_only_in_right_to_left_texts() -> None:
    catalogue = _engine(**{"engine/mail.from": "{organisation} می‌نویسد:"})

    assert catalogue.ui("engine/mail.from", "en", organisation="Lantern") == "Lantern writes:"
    assert catalogue.ui("engine/mail.from", "fa", organisation="Lantern") == "\u2068Lantern\u2069 می‌نویسد:"


def test_a_value_can_neither_close_its_isolate_nor_bring_placeholders() -> None:
    catalogue = _engine(**{"engine/mail.from": "{organisation} می‌نویسد:"})

    said = catalogue.ui("engine/mail.from", "fa", organisation="\u2069{organisation}\u202e")

    assert said == "\u2068{organisation}\u2069 می‌نویسد:"


def test_a_rescue_sentence_nobody_reviewed_stands_beside_the_english() -> None:
    catalogue = _engine(**{"engine/footer.person": "یک انسان"})

    assert catalogue.ui("engine/footer.person", "fa") == "یک انسان / \u2068A person\u2069"


def test_what_people_consent_to_is_not_served_unreviewed() -> None:
    catalogue = _engine(**{"engine/consent.yes": "بله"})

    assert catalogue.ui("engine/consent.yes", "fa") == "\u2068Yes, send it\u2069"


def test_an_unknown_key_or_a_missing_value_is_an_error_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        _engine().ui("engine/nothing", "en")
    with pytest.raises(KeyError):
        _engine().ui("engine/mail.from", "en")
    assert _engine().missing(["engine/nothing", "engine/mail.from"]) == ("engine/nothing",)


def test_languages_with_texts_of_their_own_are_named_in_menu_order() -> None:
    assert _engine(**{"engine/footer.person": "x"}).served == ("en", "fa")
    assert Catalogue(LANGUAGES).served == ("en",)


def test_a_pot_gives_the_english_sentences_and_a_po_only_what_is_written() -> None:
    entries, _ = parse_po('msgctxt "k"\nmsgid "Yes"\nmsgstr ""\n', "ui.pot")

    assert english_ui(entries)["k"].text == "Yes"
    assert translations(entries) == {}


def test_the_rescue_sentences_lead_out_or_to_a_human() -> None:
    assert {"engine/footer.person", "engine/footer.leave", "engine/sos"} <= RESCUE_KEYS
