import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.commands import COMMANDS, IN_ENGLISH, Commands

SERBIAN: dict[str, dict[str, tuple[str, ...]]] = {
    "sr": {"leave": ("izađi", "izadji"), "person": ("čovek",)},
    "ar": {"sos": ("نجدة",), "erase": ("امسح",)},
}


def test_the_english_words_work_in_every_language() -> None:
    commands = Commands.of(SERBIAN)

    for name in COMMANDS:
        for word in IN_ENGLISH[name]:
            assert commands.find(word) == name


@pytest.mark.parametrize("nine", ["9", "٩", "۹", "９", "9.", "(9)", "9️⃣", " 9 "])
def test_nine_is_a_person_in_the_digits_of_any_script(nine: str) -> None:
    assert Commands.of({}).find(nine) == "person"


@pytest.mark.parametrize("zero", ["0", "٠", "۰", "０", "0.", "0️⃣"])
def test_zero_leaves_in_the_digits_of_any_script(zero: str) -> None:
    assert Commands.of({}).find(zero) == "leave"


@pytest.mark.parametrize("star", ["*", "＊", " * "])
def test_a_star_goes_back(star: str) -> None:
    assert Commands.of({}).find(star) == "back"


@pytest.mark.parametrize("digit", ["9", "0", "٩"])
def test_where_a_digit_is_the_answer_it_is_no_command(digit: str) -> None:
    assert Commands.of({}).find(digit, digits=False) is None


def test_where_a_digit_is_the_answer_the_words_still_work() -> None:
    commands = Commands.of({})

    assert [commands.find(word, digits=False) for word in ("person", "leave", "*")] == [
        "person",
        "leave",
        "back",
    ]


def test_the_words_of_a_language_work_whatever_the_case_and_marks() -> None:
    commands = Commands.of(SERBIAN)

    assert [commands.find(word) for word in ("IZADJI", "izađi!", "Covek", "نجدة")] == [
        "leave",
        "leave",
        "person",
        "sos",
    ]


def test_punctuation_and_drawn_out_letters_are_forgiven() -> None:
    commands = Commands.of({})

    assert [commands.find(word) for word in ("HELP!!!", "menuuuuu", "Sos.")] == ["help", "menu", "sos"]


@pytest.mark.parametrize("near", ["erase!", "eraseee", "erase it", "erasee", "please erase"])
def test_erase_has_to_be_written_exactly(near: str) -> None:
    assert Commands.of({}).find(near) is None


def test_erase_may_be_written_in_capitals() -> None:
    assert Commands.of({}).find("ERASE") == "erase"


@pytest.mark.parametrize(
    "text", ["a person hurt me", "90", "99", "10", "00", "", "   ", "back home", "x" * 500]
)
def test_a_command_is_the_whole_message_and_nothing_more(text: str) -> None:
    assert Commands.of({}).find(text) is None


def test_a_slash_in_front_is_forgiven() -> None:
    assert Commands.of({}).find("/help") == "help"


def test_a_mistyped_command_is_near_but_never_erase_or_leave() -> None:
    commands = Commands.of({})

    assert [commands.near(word) for word in ("persn", "langauge", "laeve", "eraze", "hello")] == [
        "person",
        "language",
        None,
        None,
        None,
    ]


def test_a_command_with_the_safe_word_behind_it_is_found() -> None:
    commands = Commands.of({})

    assert commands.with_word("back lavender", "lavender") == "back"
    assert commands.with_word("SOS Lavender", "lavender") == "sos"
    assert commands.with_word("* lavender", "lavender") == "back"
    assert commands.with_word("lavender", "lavender") is None
    assert commands.with_word("back rose", "lavender") is None
    assert commands.with_word("back", "") is None


@given(st.text(max_size=60))
def test_any_text_is_a_command_or_none(text: str) -> None:
    commands = Commands.of(SERBIAN)

    assert commands.find(text) in (*COMMANDS, None)
    assert commands.near(text) in (*COMMANDS, None)
    assert commands.with_word(text, "lavender") in (*COMMANDS, None)


def test_the_word_that_asks_for_asylum_is_no_slip_of_a_command() -> None:
    commands = Commands.of({"tr": {"sos": ("acil",)}, "sr": {}})

    assert commands.near("azil") is None
