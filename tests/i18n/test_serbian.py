import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.catalogue import Message
from bot.i18n.scripts import InCyrillic
from bot.i18n.serbian import to_cyrillic, to_latin
from bot.nlu.normalise import fold

WORDS = st.text("abcčćdđefghijklmnoprsštuvzžABCČĆDĐEFGHIJKLMNOPRSŠTUVZŽ .,!?-\n", max_size=80)


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("Da li je bezbedno?", "Да ли је безбедно?"),
        ("Ljubav, Njegoš, džep, đak, ćutanje", "Љубав, Његош, џеп, ђак, ћутање"),
        (
            "nadživeti, odžaliti, injekcija, konjunktura, vanjezički",
            "надживети, оджалити, инјекција, конјунктура, ванјезички",
        ),
        ("Injekcija i odžak", "Инјекција и оџак"),
        ("Pišite: beleška", "Пишите: белешка"),
    ],
)
def test_latin_becomes_cyrillic(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic
    assert to_latin(cyrillic) == latin


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("HIV test i PEP", "HIV тест и PEP"),
        ("Vidi https://help.unhcr.org/serbia.", "Види https://help.unhcr.org/serbia."),
        ("Stranica Help.UNHCR.org", "Страница Help.UNHCR.org"),
        ("Pišite na pomoc@example.org ili @fener_help", "Пишите на pomoc@example.org или @fener_help"),
        ("Pozovite +381 11 30 ili 112", "Позовите +381 11 30 или 112"),
        ("{count} mesta za {city}, 72h", "{count} места за {city}, 72h"),
        ("WhatsApp i Crew", "WhatsApp и Crew"),
        ("Café", "Café"),
    ],
)
def test_links_numbers_placeholders_shortenings_and_foreign_words_stay(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic


def test_names_can_be_kept() -> None:
    assert to_cyrillic("Pišite na Telegram", {"Telegram"}) == "Пишите на Telegram"
    assert to_cyrillic("Pišite na Telegram") == "Пишите на Телеграм"


def test_a_text_that_would_not_turn_back_is_not_turned_at_all() -> None:
    assert to_cyrillic("Већ ћирилица") is None


@given(WORDS)
def test_what_is_turned_turns_back_and_what_people_type_in_it_is_the_same_word(text: str) -> None:
    turned = to_cyrillic(text)

    if turned is not None:
        assert to_latin(turned) == text
        assert fold(turned) == fold(text)


@given(st.text(max_size=80))
def test_any_text_is_turned_or_refused(text: str) -> None:
    turned = to_cyrillic(text)

    assert turned is None or isinstance(turned, str)


def test_messages_keep_their_state_and_names_that_the_english_has_too() -> None:
    message = Message(
        "a", "Telegram vidi da pišete.", unreviewed=True, source="Telegram sees that you write."
    )
    broken = Message("b", "Већ", source="Already")

    written = InCyrillic({"a": message, "b": broken})

    assert dict(written) == {
        "a": Message("a", "Telegram види да пишете.", unreviewed=True, source=message.source)
    }
    assert written
    assert len(written) == 1
    assert written.get("b") is None
    assert not InCyrillic({"b": broken})
