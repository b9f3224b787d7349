"""What is kept of a Telegram update, what is thrown away, and what a reply looks like there."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.limits import INBOUND_TEXT
from bot.channels.rendering import length
from bot.channels.telegram import Update, convert_update, read_update, render
from bot.kernel.address import Address
from bot.kernel.messages import Dropped, InboundMessage, Option, OutboundMessage

CANARY = "canary381601234567"
CHAT = 77123
PERSON = {"id": CHAT, "is_bot": False, "first_name": CANARY, "username": CANARY, "language_code": "sr"}
PRIVATE = {"id": CHAT, "type": "private", "first_name": CANARY, "username": CANARY}


def read(**kinds: object) -> Update:
    update = read_update(json.dumps({"update_id": 900, **kinds}).encode())
    assert update
    assert update == convert_update({"update_id": 900, **kinds})
    return update


def message(**content: object) -> dict[str, object]:
    return {"message_id": 5, "date": 1_795_000_000, "chat": PRIVATE, "from": PERSON, **content}


def inbound(update: Update) -> InboundMessage:
    assert update.delivery
    assert update.delivery.address == Address("telegram", str(CHAT))
    return update.delivery.message


def test_a_written_message_keeps_its_words_and_nothing_about_who_wrote_it() -> None:
    update = read(
        message=message(
            text="help",
            forward_origin={"type": "user", "sender_user": PERSON, "date": 1},
            reply_to_message=message(text=CANARY),
            entities=[{"type": "bold", "offset": 0, "length": 4}],
        )
    )

    assert inbound(update) == InboundMessage("telegram", "tg:900", text="help")
    assert (update.message, update.query, update.left, update.group) == (5, "", None, None)
    assert CANARY not in repr(update)
    assert str(CHAT) not in repr(update)


def test_an_edited_message_says_so() -> None:
    assert inbound(read(edited_message=message(text="no"))) == InboundMessage(
        "telegram", "tg:900", text="no", edited=True
    )


def test_a_tap_keeps_its_payload_and_the_query_to_answer() -> None:
    update = read(
        callback_query={
            "id": "4000",
            "from": PERSON,
            "chat_instance": "1",
            "data": "t:2",
            "message": message(text="Which one?"),
        }
    )

    assert inbound(update) == InboundMessage("telegram", "tg:900", tapped="t:2")
    assert update.query == "4000"
    assert "4000" not in repr(update)


@pytest.mark.parametrize("data", ["", "x" * 65, "é" * 33])
def test_a_tap_that_is_none_of_ours_is_answered_and_not_taken(data: str) -> None:
    update = read(callback_query={"id": "4000", "from": PERSON, "data": data, "message": message()})

    assert (update.delivery, update.query) == (None, "4000")


@pytest.mark.parametrize(
    ("content", "dropped"),
    [
        ({"contact": {"phone_number": CANARY, "first_name": CANARY}}, Dropped.CONTACT),
        ({"location": {"latitude": 44.8, "longitude": 20.4}}, Dropped.LOCATION),
        (
            {"venue": {"title": CANARY, "address": CANARY}, "location": {"latitude": 1, "longitude": 1}},
            Dropped.LOCATION,
        ),
        ({"photo": [{"file_id": CANARY}]}, Dropped.MEDIA),
        ({"voice": {"file_id": CANARY}}, Dropped.MEDIA),
        ({"video_note": {"file_id": CANARY}}, Dropped.MEDIA),
        ({"document": {"file_id": CANARY, "file_name": CANARY}}, Dropped.MEDIA),
        ({"sticker": {"file_id": CANARY, "emoji": CANARY}}, Dropped.UNKNOWN),
        ({"poll": {"question": CANARY}}, Dropped.UNKNOWN),
    ],
)
def test_cards_places_and_files_are_dropped_with_their_kind(
    content: dict[str, object], dropped: Dropped
) -> None:
    update = read(message=message(**content))

    assert inbound(update) == InboundMessage("telegram", "tg:900", dropped=dropped)
    assert CANARY not in repr(update)


def test_words_under_a_picture_are_kept_and_the_picture_is_not() -> None:
    update = read(message=message(photo=[{"file_id": CANARY}], caption="this is my paper"))

    assert inbound(update) == InboundMessage(
        "telegram", "tg:900", text="this is my paper", dropped=Dropped.MEDIA
    )


@pytest.mark.parametrize(
    "text", ["/start", "/start poster7", "/start@fener_bot", "/start@fener_bot +381601234567"]
)
def test_the_code_of_a_start_link_is_not_kept(text: str) -> None:
    assert inbound(read(message=message(text=text))).text == "/start"


def test_another_word_that_begins_like_a_command_is_left_alone() -> None:
    assert inbound(read(message=message(text="/starting over"))).text == "/starting over"


def test_service_messages_are_no_messages_of_a_person() -> None:
    assert (
        read(message=message(message_auto_delete_timer_changed={"message_auto_delete_time": 1})).who is None
    )


def test_somebody_who_blocks_us_has_left() -> None:
    blocked = {"chat": PRIVATE, "from": PERSON, "new_chat_member": {"status": "kicked"}}
    back = {"chat": PRIVATE, "from": PERSON, "new_chat_member": {"status": "member"}}

    assert read(my_chat_member=blocked).left == Address("telegram", str(CHAT))
    assert read(my_chat_member=back) == Update(900)


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_what_is_said_in_a_group_is_not_read_and_the_group_is_left(kind: str) -> None:
    group = {"id": -1001, "type": kind, "title": CANARY}
    said = read(message={**message(text=CANARY), "chat": group})
    tapped = read(callback_query={"id": "1", "data": "x", "message": {**message(), "chat": group}})
    added = read(my_chat_member={"chat": group, "new_chat_member": {"status": "member"}})
    removed = read(my_chat_member={"chat": group, "new_chat_member": {"status": "left"}})

    for update in (said, tapped, added):
        assert (update.delivery, update.group) == (None, Address("telegram", "-1001"))
    assert removed == Update(900)


@pytest.mark.parametrize(
    "raw",
    [
        {"update_id": 900, "message": {"chat": "strange"}},
        {"update_id": 900, "message": 7},
        {"update_id": 900, "inline_query": {"id": "1"}},
        {"update_id": 900, "callback_query": {"id": []}},
    ],
)
def test_an_update_of_a_strange_shape_keeps_only_its_id(raw: dict[str, object]) -> None:
    assert read_update(json.dumps(raw).encode()) == Update(900)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b'{"update_id":"9"}',
        b'{"update_id":1,"x":' + b"[" * 60_000,
        b"[" * 60_000,
    ],
)
def test_what_is_no_update_is_none_and_never_a_crash(body: bytes) -> None:
    assert read_update(body) is None


def test_half_characters_do_not_hide_an_update_and_do_not_get_in() -> None:
    body = json.dumps({"update_id": 900, "message": message(text="a\ud800b\x00c")}).encode()

    update = read_update(body)

    assert update
    assert inbound(update).text == "abc"


def test_overlong_text_is_cut() -> None:
    assert len(inbound(read(message=message(text="x" * 50_000))).text) == INBOUND_TEXT


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)
KINDS = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat",
    "new_chat_member",
    "contact",
    "photo",
)


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(body: bytes) -> None:
    update = read_update(body)

    assert update is None or isinstance(update.id, int)


@given(
    st.dictionaries(
        st.sampled_from(("update_id", *KINDS)),
        json_values | st.dictionaries(st.sampled_from(KINDS), json_values),
    )
)
def test_no_json_crashes_the_reader_and_both_readers_agree(raw: dict[str, Any]) -> None:
    body = json.dumps(raw).encode()
    text_form = json.loads(body)

    assert read_update(body) == convert_update(text_form)


@given(
    field=st.sampled_from(
        ["contact", "location", "venue", "voice", "document", "sticker", "from", "sender_chat", "via_bot"]
    ),
    value=st.dictionaries(st.text(max_size=6), st.just(CANARY), min_size=1, max_size=4),
)
def test_no_dropped_field_survives_anywhere(field: str, value: dict[str, str]) -> None:
    update = read(message=message(**{field: value}))

    assert CANARY not in repr(update)
    if update.delivery:
        assert CANARY not in repr(update.delivery.message)


# --- rendering -----------------------------------------------------------------------------------------------

FOOTER = (Option(9, "Person", "c:9"), Option(0, "Leave", "c:0"))


def an_option(number: int, label: str = "Label", payload: str | None = None) -> Option:
    return Option(number, label, f"t:{number}" if payload is None else payload)


def rows(reply: OutboundMessage) -> list[list[str]]:
    return [[button.label for button in row] for row in render(reply)[-1].keyboard]


def test_one_message_carries_all_ideas_and_the_buttons() -> None:
    reply = OutboundMessage(
        ("One.", "Two."), options=(an_option(1, "Yes"), an_option(2, "No")), footer=FOOTER
    )

    (shown,) = render(reply)

    assert shown.text == "One.\n\nTwo."
    assert rows(reply) == [["1 Yes"], ["2 No"], ["9 Person", "0 Leave"]]
    assert not shown.protected


def test_slow_mode_sends_one_idea_a_message_and_hangs_the_buttons_on_the_last() -> None:
    first, last = render(OutboundMessage(("One.", "Two."), options=(an_option(1),), separate=True))

    assert (first.text, first.keyboard) == ("One.", ())
    assert (last.text, len(last.keyboard)) == ("Two.", 1)


def test_a_label_too_long_for_a_button_is_printed_whole_and_the_button_shows_its_number() -> None:
    label = "A very long label that no small phone could ever show on one button"
    reply = OutboundMessage(("Which?",), options=(an_option(1, label), an_option(2, "No")))

    assert render(reply)[0].text == f"Which?\n\n1 {label}\n2 No"
    assert rows(reply) == [["1"], ["2 No"]]


def test_where_a_digit_is_the_answer_no_button_and_no_line_shows_a_number() -> None:
    long = "A very long label that no small phone could ever show on one button"
    reply = OutboundMessage(
        ("How old are you?",),
        options=(an_option(1, "Skip"), an_option(2, long)),
        footer=FOOTER,
        numbered=False,
    )

    assert render(reply)[0].text == f"How old are you?\n\nSkip\n{long}"
    assert rows(reply) == [["Skip"], [long], ["Person", "Leave"]]


@pytest.mark.parametrize("payload", ["", "x" * 65, "й" * 33])
def test_an_option_that_cannot_be_a_button_can_still_be_typed(payload: str) -> None:
    reply = OutboundMessage(("Which?",), options=(an_option(1, "Yes"), an_option(2, "No", payload)))

    assert render(reply)[0].text == "Which?\n\n2 No"
    assert rows(reply) == [["1 Yes"]]


def test_more_options_than_a_keyboard_holds_are_printed() -> None:
    reply = OutboundMessage(("Which?",), options=tuple(map(an_option, range(1, 121))), footer=FOOTER)

    assert sum(map(len, rows(reply))) == 100
    assert render(reply)[0].text.endswith("120 Label")
    assert "\n98 Label" not in render(reply)[0].text


def test_a_reply_of_options_only_still_has_words() -> None:
    (shown,) = render(OutboundMessage((), options=(an_option(1, "Yes"),), footer=FOOTER))

    assert shown.text == "1 Yes\n9 Person\n0 Leave"
    assert len(shown.keyboard) == 2


def test_an_empty_reply_is_no_message() -> None:
    assert render(OutboundMessage(())) == []
    assert render(OutboundMessage(("", " \n"))) == []


def test_right_to_left_labels_and_lines_read_from_the_right() -> None:
    reply = OutboundMessage(
        ("أهلا. رقمنا 112", "112 Emergency"),
        language="ar",
        direction="rtl",
        options=(an_option(1, "نعم"), an_option(2, "Belgrade")),
    )

    assert render(reply)[0].text == "أهلا. رقمنا 112\n\n\u200f112 Emergency"
    assert rows(reply) == [["1 نعم"], ["\u200f2 Belgrade"]]


def test_an_isolated_name_in_front_does_not_turn_an_arabic_line_around() -> None:
    named = "\u2068Demo\u2069 \u0628\u064a\u062a"

    assert render(OutboundMessage((named,), direction="rtl"))[0].text == named


texts = st.lists(st.text(st.characters(codec="utf-16"), max_size=6000), max_size=4).map(tuple)
options = st.lists(
    st.builds(Option, st.integers(1, 99), st.text(max_size=60), st.text(max_size=70)), max_size=12
).map(tuple)


@given(
    st.builds(
        OutboundMessage,
        texts=texts,
        options=options,
        footer=options,
        direction=st.sampled_from(["ltr", "rtl"]),
        separate=st.booleans(),
    )
)
def test_whatever_is_said_every_message_is_one_telegram_takes(reply: OutboundMessage) -> None:
    for shown in render(reply, "TEST"):
        assert shown.text.startswith("TEST\n")
        assert 1 <= length(shown.text) <= 4096
        assert sum(map(len, shown.keyboard)) <= 100
        for row in shown.keyboard:
            assert 1 <= len(row) <= 8
            for button in row:
                assert button.label.strip()
                assert 1 <= len(button.payload.encode()) <= 64
