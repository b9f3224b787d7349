import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.summary import CaseMessage, CaseSummary, Kind, SharedAnswer, read_body
from bot.kernel.errors import RefusedError

NOW = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)
SUMMARY = CaseSummary(
    designation="amber heron",
    organisation="rs-lantern-demo",
    queue="legal",
    need="legal_asylum",
    urgency="soon",
    language="fa",
    consent="Lantern Demo Centre will get: your city, your note.",
    opened=NOW,
    reachable_until=NOW + timedelta(days=40),
    mailbox_public=b"\x01" * 32,
    country="RS",
    area="rs-beograd",
    shared=(SharedAnswer("city", "شهر", "Beograd"),),
    note="خانه \U0001f3f3",
    wishes=("an interpreter who is a woman",),
    crisis=("violence",),
    digest="d" * 32,
    interpreter={"language": "Farsi", "gender": "A woman"},
    excluded=("rs-harbour-demo",),
)
texts = st.text(max_size=40)


def test_a_summary_says_everything_that_was_agreed_to_and_comes_back_whole() -> None:
    assert read_body(SUMMARY.to_bytes()) == SUMMARY


@given(texts, texts, st.lists(st.tuples(texts, texts, texts), max_size=3))
def test_whatever_a_person_writes_survives(
    note: str, consent: str, shared: list[tuple[str, str, str]]
) -> None:
    found = read_body(
        replace(
            SUMMARY, note=note, consent=consent, shared=tuple(SharedAnswer(*each) for each in shared)
        ).to_bytes()
    )

    assert isinstance(found, CaseSummary)
    assert found.note == note
    assert found.shared == tuple(SharedAnswer(*each) for each in shared)


def test_half_a_character_from_a_messenger_loses_no_case() -> None:
    found = read_body(replace(SUMMARY, note="help \ud83d", consent="yes \udc00").to_bytes())

    assert isinstance(found, CaseSummary)
    assert found.note == "help ?"


def test_the_consent_carries_the_hash_of_exactly_its_text() -> None:
    fields = json.loads(SUMMARY.to_bytes())
    fields["consent"]["text"] = "Everything to everybody."

    with pytest.raises(RefusedError, match=r"body\.format"):
        read_body(json.dumps(fields).encode())


@pytest.mark.parametrize("kind", ["message", "cancel", "erased", "reply", "internal"])
def test_a_message_comes_back_whole(kind: Kind) -> None:
    message = CaseMessage(kind, "Come on Monday\n\u200f", NOW, digest="d" * 32)

    assert read_body(message.to_bytes()) == message


@given(texts)
def test_what_a_message_was_agreed_to_for_comes_back_with_it(consent: str) -> None:
    message = CaseMessage("message", "topic: a doctor", NOW, consent=consent)

    assert read_body(message.to_bytes()) == message
    assert ("consent" in json.loads(message.to_bytes())) == bool(consent)


@pytest.mark.parametrize("change", [{"text": "Everything."}, {"sha256": ""}, {"text": None}])
def test_a_message_with_another_consent_than_its_hash_is_refused(change: dict[str, object]) -> None:
    fields = json.loads(CaseMessage("message", "x", NOW, consent="Your topic.").to_bytes())
    fields["consent"] |= change

    with pytest.raises(RefusedError, match=r"body\.format"):
        read_body(json.dumps(fields).encode())


@pytest.mark.parametrize("kind", ["key", "moved"])
def test_a_new_mailbox_key_travels_inside_the_envelope(kind: Kind) -> None:
    message = CaseMessage(kind, "", NOW, mailbox_public=b"\x02" * 32, reachable_until=NOW)

    assert read_body(message.to_bytes()) == message


def test_that_a_case_was_declined_comes_back_with_whom_the_person_did_not_want() -> None:
    message = CaseMessage("declined", "Declined: Not our area", NOW, excluded=("rs-harbour-demo",))

    assert read_body(message.to_bytes()) == message


def test_words_of_a_person_never_show_in_a_repr() -> None:
    assert "خانه" not in repr(SUMMARY)
    assert "Beograd" not in repr(SUMMARY.shared)
    assert "A woman" not in repr(SUMMARY)
    assert "secret" not in repr(CaseMessage("message", "secret", NOW, consent="secret"))


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: json.dumps(text).encode()))
def test_no_bytes_make_the_reader_fail_otherwise_than_by_refusing(body: bytes) -> None:
    with pytest.raises(RefusedError, match=r"body\.format"):
        read_body(body)


odd = st.none() | st.booleans() | st.integers(-1, 2**40) | st.lists(st.none(), min_size=1, max_size=1)


@given(st.sampled_from(sorted(json.loads(SUMMARY.to_bytes()))), odd)
def test_a_summary_field_of_another_kind_is_refused(name: str, value: object) -> None:
    fields = json.loads(SUMMARY.to_bytes())
    if name in {"opened", "reachable_until"}:
        value = "soon"
    fields[name] = value

    with pytest.raises(RefusedError, match=r"body\.format"):
        read_body(json.dumps(fields).encode())


@pytest.mark.parametrize(
    "body", [b"{}", b'{"kind":"shout","text":"a","at":1,"digest":""}', b"[" * 60_000, b"x" * 70_000]
)
def test_what_is_no_body_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError, match=r"body\.format"):
        read_body(body)
