import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.language import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where can I sleep tonight", "en"),
        ("gde mogu da spavam večeras", "sr"),
        ("где могу да спавам вечерас, хоћу да спавам", "sr"),
        ("где я могу поспать сегодня", "ru"),
        ("je veux parler à une personne", "fr"),
        ("eu preciso de ajuda para dormir", "pt"),
        ("necesito ayuda para dormir", "es"),
        ("yardıma ihtiyacım var lütfen", "tr"),
        ("أحتاج مساعدة الليلة", "ar"),
        ("به کمک نیاز دارم", "fa"),
        ("مجھے مدد چاہیے", "ur"),
        ("زه مرستې ته اړتیا لرم", "ps"),
        ("ana biddi musa3ade fi mumkin", "ar"),
        ("mujhe madad chahiye", "ur"),
        ("man komak mikham lotfan", "fa"),
    ],
)
def test_a_sentence_is_known_by_its_script_letters_and_small_words(text: str, language: str) -> None:
    assert guess_language(text) == language


@pytest.mark.parametrize("text", ["", "1", "ok", "hi", "?!", "kiosk", "Мост", "123456", "la", "no"])
def test_too_little_text_is_not_guessed_at(text: str) -> None:
    assert guess_language(text) is None


@given(st.text())
def test_no_text_breaks_the_guess(text: str) -> None:
    assert guess_language(text) in {None, "en", "sr", "fr", "pt", "es", "tr", "ar", "ur", "fa", "ps", "ru"}
