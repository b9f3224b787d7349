"""What is kept of a Twilio form, what is thrown away, and what a reply looks like on WhatsApp."""

from urllib.parse import parse_qsl, urlencode

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.rendering import length
from bot.channels.whatsapp import canonical, parse, parse_form, render, twiml
from bot.kernel.address import Address
from bot.kernel.errors import RefusedError
from bot.kernel.messages import Dropped, InboundMessage, Option, OutboundMessage
from bot.ports import Delivery

CANARY = "canary381607654321"
NUMBER = "+381601234567"
SCOPED = "RS.1349AbC77"


def a_form(**changed: str) -> list[tuple[str, str]]:
    """A message as Twilio sends it, everything that names somebody included."""
    form = {
        "SmsMessageSid": "SM" + "a" * 32,
        "NumMedia": "0",
        "ProfileName": CANARY,
        "MessageType": "text",
        "SmsSid": "SM" + "a" * 32,
        "WaId": NUMBER[1:],
        "SmsStatus": "received",
        "Body": "help",
        "To": "whatsapp:+14155238886",
        "OriginalRepliedMessageSender": f"whatsapp:{CANARY}",
        "ChannelMetadata": CANARY,
        "MessageSid": "SM" + "a" * 32,
        "AccountSid": "AC" + "b" * 32,
        "From": f"whatsapp:{NUMBER}",
        "ApiVersion": "2010-04-01",
    }
    return list((form | changed).items())


def taken(form: list[tuple[str, str]]) -> Delivery:
    delivery = parse(form)
    assert delivery
    return delivery


def test_a_message_keeps_its_words_and_nothing_about_who_wrote_it() -> None:
    delivery = taken(a_form())

    assert delivery.address == Address("whatsapp", NUMBER)
    assert delivery.also == ()
    assert delivery.message == InboundMessage("whatsapp", "SM" + "a" * 32, text="help")
    assert CANARY not in repr(delivery)
    assert NUMBER[1:] not in repr(delivery)


@pytest.mark.parametrize(
    ("fields", "address", "also"),
    [
        ({}, NUMBER, ()),
        ({"ExternalUserId": f"whatsapp:{SCOPED}"}, SCOPED, (NUMBER,)),
        ({"ExternalUserId": SCOPED}, SCOPED, (NUMBER,)),
        ({"From": f"whatsapp:{SCOPED}", "WaId": ""}, SCOPED, ()),
        ({"From": f"whatsapp:{SCOPED}"}, SCOPED, (NUMBER,)),
        ({"From": f"whatsapp:{SCOPED}", "ExternalUserId": f"whatsapp:{SCOPED}", "WaId": SCOPED}, SCOPED, ()),
        ({"From": "whatsapp:rs.1349AbC77", "WaId": ""}, SCOPED, ()),
        ({"From": "whatsapp: 381601234567"}, NUMBER, ()),
        ({"From": "WhatsApp:381601234567"}, NUMBER, ()),
    ],
)
def test_number_and_scoped_id_are_both_known_and_the_id_comes_first(
    fields: dict[str, str], address: str, also: tuple[str, ...]
) -> None:
    delivery = taken(a_form(**fields))

    assert delivery.address == Address("whatsapp", address)
    assert delivery.also == tuple(Address("whatsapp", each) for each in also)


@pytest.mark.parametrize(
    ("fields", "dropped"),
    [
        (
            {"NumMedia": "1", "MediaContentType0": "image/jpeg", "MediaUrl0": CANARY, "Body": ""},
            Dropped.MEDIA,
        ),
        ({"NumMedia": "1", "MediaContentType0": "audio/ogg", "Body": ""}, Dropped.MEDIA),
        ({"NumMedia": "1", "MediaContentType0": "application/pdf", "Body": f"{CANARY}.pdf"}, Dropped.MEDIA),
        ({"NumMedia": "1", "MediaContentType0": "text/vcard", "Body": CANARY}, Dropped.CONTACT),
        ({"MessageType": "contacts", "Body": CANARY}, Dropped.CONTACT),
        (
            {"Latitude": "44.8", "Longitude": "20.4", "Address": CANARY, "Label": CANARY, "Body": ""},
            Dropped.LOCATION,
        ),
        ({"MessageType": "sticker", "Body": ""}, Dropped.UNKNOWN),
    ],
)
def test_cards_places_and_files_are_dropped_with_their_kind(fields: dict[str, str], dropped: Dropped) -> None:
    delivery = taken(a_form(**fields))

    assert delivery.message == InboundMessage("whatsapp", "SM" + "a" * 32, dropped=dropped)
    assert CANARY not in repr(delivery)


def test_words_under_a_picture_are_kept_and_the_picture_is_not() -> None:
    delivery = taken(a_form(NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0=CANARY, Body="my paper"))

    assert delivery.message == InboundMessage(
        "whatsapp", "SM" + "a" * 32, text="my paper", dropped=Dropped.MEDIA
    )


def test_a_tapped_button_gives_its_payload() -> None:
    delivery = taken(a_form(ButtonPayload="t:2", ButtonText="Yes", Body="Yes"))

    assert delivery.message == InboundMessage("whatsapp", "SM" + "a" * 32, tapped="t:2")


@pytest.mark.parametrize(
    "fields",
    [
        {"From": ""},
        {"From": "+381601234567"},
        {"From": "whatsapp:"},
        {"From": "whatsapp:!!"},
        {"MessageSid": ""},
        {"MessageStatus": "delivered"},
    ],
)
def test_what_is_no_message_of_a_whatsapp_person_is_none(fields: dict[str, str]) -> None:
    assert parse(a_form(**fields)) is None


def test_the_same_person_has_one_address_however_it_is_written() -> None:
    assert canonical("whatsapp:+381601234567") == canonical("whatsapp:381601234567") == NUMBER
    assert canonical("whatsapp:rs.ENT.9x") == "RS.ENT.9x"
    assert canonical("whatsapp:new-kind_of.id") == "new-kind_of.id"


quoted = st.text(st.sampled_from("ab=&+%20é\x00 "), max_size=40).map(lambda text: text.encode())


@given(quoted | st.binary(max_size=200))
def test_a_form_is_read_as_the_standard_library_reads_it(body: bytes) -> None:
    if body.isascii():
        assert parse_form(body) == parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=1000)
    else:
        parse_form(body)


@given(
    st.lists(st.tuples(st.text(max_size=5), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)))
)
def test_what_twilio_encodes_comes_back_whole(form: list[tuple[str, str]]) -> None:
    form = [(name.encode("utf-8", "replace").decode(), value) for name, value in form]

    assert parse_form(urlencode(form).encode()) == form


def test_a_flood_of_fields_is_refused_unread() -> None:
    with pytest.raises(RefusedError):
        parse_form(b"a=1&" * 30_000)


READ_FIELDS = ["From", "ExternalUserId", "WaId", "MessageSid", "Body", "NumMedia", "MediaContentType0"]


@given(
    st.lists(st.tuples(st.sampled_from(READ_FIELDS) | st.text(max_size=8), st.text(max_size=40)), max_size=12)
)
def test_no_form_crashes_the_parser_and_its_text_can_always_be_kept(form: list[tuple[str, str]]) -> None:
    delivery = parse([*form, ("From", f"whatsapp:{NUMBER}"), ("MessageSid", "SM1")])

    if delivery:
        f"{delivery.message.text}{delivery.message.tapped}{delivery.message.message_id}".encode()


@given(
    st.sampled_from(["ProfileName", "MediaUrl0", "Address", "Label", "ParentExternalUserId", "Waid", "from"])
)
def test_no_other_field_survives(name: str) -> None:
    delivery = taken([(name, CANARY), *a_form()])

    assert CANARY not in repr(delivery)
    assert CANARY not in delivery.address.reveal()


# --- rendering -----------------------------------------------------------------------------------------------

OPTIONS = (Option(1, "Housing", "t:1"), Option(2, "Health", "t:2"))
FOOTER = (Option(9, "Person", "c:9"), Option(0, "Leave", "c:0"))


def test_a_reply_is_one_numbered_text() -> None:
    assert render(OutboundMessage(("One.", "Two."), options=OPTIONS, footer=FOOTER)) == (
        "One.\n\nTwo.\n\n1 Housing\n2 Health\n\n9 Person · 0 Leave",
    )


def test_an_arabic_reply_reads_from_the_right_to_its_last_line() -> None:
    reply = OutboundMessage(
        ("أهلا بك.\n112 للطوارئ", "Belgrade Pride"),
        language="ar",
        direction="rtl",
        options=(Option(1, "سكن", "t:1"), Option(2, "Demo Lantern", "t:2")),
        footer=(Option(9, "شخص", "c:9"), Option(0, "خروج", "c:0")),
    )

    assert render(reply) == (
        "أهلا بك.\n112 للطوارئ\n\n\u200fBelgrade Pride\n\n1 سكن\n\u200f2 Demo Lantern\n\n\u200f\u20689 شخص\u2069 · \u20680 خروج\u2069",
    )


def test_a_long_arabic_reply_is_split_at_sentences_and_says_which_part_it_is() -> None:
    sentence = "هذه جملة طويلة عن السكن في المدينة. "
    reply = OutboundMessage((sentence * 100,), language="ar", direction="rtl", options=OPTIONS)

    parts = render(reply)

    assert len(parts) == 3
    for number, part in enumerate(parts, start=1):
        assert length(part) <= 1600
        assert part.endswith(f"\n\n\u200f({number}/3)")
        assert part.count("هذه") * len(sentence) <= len(part)
    assert "".join(parts).count(sentence.strip()) == 100
    assert "1 Housing\n\u200f2 Health" in parts[-1]


def test_slow_mode_is_one_idea_a_message() -> None:
    assert render(OutboundMessage(("One.", "Two."), options=OPTIONS, separate=True), "TEST") == (
        "TEST\nOne.",
        "TEST\nTwo.\n\n1 Housing\n2 Health",
    )


def test_the_answer_to_twilio_is_escaped_xml() -> None:
    answer = twiml(("Tom & <Jerry>", "كلمة"))

    root = ElementTree.fromstring(answer)
    assert [each.text for each in root] == ["Tom & <Jerry>", "كلمة"]
    assert twiml(()) == b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


@given(
    st.builds(
        OutboundMessage,
        texts=st.lists(st.text(max_size=2500), max_size=4).map(tuple),
        options=st.lists(
            st.builds(Option, st.integers(1, 99), st.text(max_size=300), st.just("x")), max_size=12
        ).map(tuple),
        direction=st.sampled_from(["ltr", "rtl"]),
        separate=st.booleans(),
    )
)
def test_whatever_is_said_every_message_is_one_twilio_takes(reply: OutboundMessage) -> None:
    parts = render(reply, "TEST")
    root = ElementTree.fromstring(twiml(parts))

    assert tuple(each.text for each in root) == parts
    for part in parts:
        assert 1 <= length(part) <= 1600
        assert part.startswith("TEST\n")
