"""Whatever is sent: no error, always an answer with a way out, a small session that survives its bytes."""

import ast
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.flow.effects import CaseView, Say, Situation
from bot.flow.engine import LOST, advance, new_session, remind
from bot.flow.rehearsal import Rehearsal, said, staffed
from bot.flow.session import Session, decode, encode
from bot.handoff.referral import FIELDS, REASONS, TOLD
from bot.kernel.messages import Dropped, InboundMessage
from tests.flow.stage import (
    HOUSING,
    NOON,
    a_library,
    a_note,
    a_service,
    an_open_case,
    ui_sentences,
)

EVERYTHING = (
    HOUSING.strip()
    + """
---
flow: kinds
title: Kinds
start: number
sensitive: true
remember: {n: number, d: date, a: age group, p: phone, w: text, y: yes no, need: need, s: sealed text}
uses: [country]
steps:
  number:
    say: |
      How many?
    ask: n
    next: day
  day:
    say: |
      Which day?
    ask: d
    next: age
  age:
    say: |
      Which age?
    ask: a
    next: phone
  phone:
    say: |
      A number to call?
    ask: p
    next: words
  words:
    say: |
      Some words?
    ask: w
    next: sure
  sure:
    say: |
      Sure?
    ask: y
    next: need
  need:
    say: |
      What need?
    ask: need
    next: send
  send:
    say: |
      Tell more.
    ask: s
    handoff: general
    share: [n, d, a, p, w, y, need, s, country]
    next: number
"""
)
LIBRARY = a_library(
    EVERYTHING,
    services=[a_service(name) for name in ("alpha", "beta", "gamma")],
    phrases={"kinds": ["how many of us", "a question about numbers"], "housing": ["a bed tonight", "a room"]},
)
WORDS = [
    *[
        "1",
        "2",
        "3",
        "4",
        "7",
        "8",
        "9",
        "0",
        "*",
        "٢",
        "hi",
        "person",
        "leave",
        "back",
        "menu",
        "help",
        "sos",
        "language",
        "erase",
        "slow",
        "1min",
        "note",
        "lavender",
        "yes",
        "no",
    ],
    *["Belgrade", "skip", "tonight", "31.12.2026", "17", "+381641234567", "lawyer", "/start", "mail"],
    "safe word",
    "back lavender",
    "I want to die",
    "I do not want to die",
    "he beats me",
    "how many of us are there",
    "Novi Saz",
    "tonigt",
    "a@b.example is my address",
    "",
]
TEXTS = st.one_of(st.sampled_from(WORDS), st.text(max_size=30), st.just("x" * 5000))
MESSAGES = st.one_of(
    TEXTS.map(lambda text: InboundMessage("simulator", "1", text)),
    st.integers(0, 9).map(lambda number: InboundMessage("simulator", "1", tapped=f"=.{number}")),
    st.text(max_size=12).map(lambda payload: InboundMessage("simulator", "1", tapped=payload)),
    st.sampled_from(list(Dropped)).map(lambda kind: InboundMessage("simulator", "1", dropped=kind)),
    TEXTS.map(lambda text: InboundMessage("simulator", "1", text, edited=True)),
)
OUTSIDE = st.sampled_from(["nothing", "mail", "discreet", "word", "closed", "nobody", "pause", "case"])


def shift(rehearsal: Rehearsal, what: str) -> None:
    """Something happens outside between two messages."""
    if what == "pause":
        rehearsal.wait(timedelta(minutes=7))
    elif what in ("mail", "discreet", "word") and rehearsal.case is not None:
        rehearsal.answer("I am here.")
        rehearsal.mails[-1] = replace(
            rehearsal.mails[-1], discreet=what == "discreet", check_word="lavender" if what == "word" else ""
        )
    elif what == "case":
        rehearsal.cases = rehearsal.cases or [an_open_case()]
    elif what in ("closed", "nobody"):
        rehearsal.staffing = staffed(LIBRARY, on_duty=False, keys=0 if what == "nobody" else 2)


@given(
    st.lists(st.tuples(MESSAGES, OUTSIDE), min_size=1, max_size=25),
    st.sampled_from(["start", "housing", "kinds", "danger"]),
)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_sent_there_is_an_answer_with_a_way_out_and_the_session_survives_its_bytes(
    messages: list[tuple[InboundMessage, str]], flow: str
) -> None:
    rehearsal = Rehearsal(LIBRARY, NOON, staffing=staffed(LIBRARY))
    rehearsal.start(flow)
    for message, outside in messages:
        shift(rehearsal, outside)
        session = rehearsal.session
        if message.tapped is not None and message.tapped.startswith("=.") and session is not None:
            message = replace(message, tapped=f"{session.nonce}{message.tapped[1:]}")  # noqa: PLW2901  # a fresh button

        turn = rehearsal.take(message)

        reply = said(turn)
        assert LOST not in turn.trace
        assert sum(isinstance(effect, Say) for effect in turn.effects) == 1
        assert any(text.strip() for text in reply.texts)
        assert len(reply.options) <= 8
        assert all(len(option.payload.encode()) <= 64 for option in reply.options)
        if turn.session is None:
            continue
        before = encode(turn.session)
        assert decode(before) == turn.session
        reminded = remind(LIBRARY, turn.session, rehearsal.situation())
        assert any(text.strip() for text in reminded.texts)
        assert encode(turn.session) == before
        assert {each.payload for each in reminded.options} <= {each.payload for each in reply.options}
        assert reminded.footer == reply.footer
        if turn.session.hidden:
            assert (reply.options, reply.footer) == ((), ())
        else:
            assert [option.number for option in reply.footer] == [9, 0]
        if not turn.session.held:
            assert len(encode(turn.session)) <= 2048


@given(st.binary(max_size=300), st.text(max_size=20))
@settings(deadline=None)
def test_whatever_was_stored_the_next_message_gets_an_answer(data: bytes, text: str) -> None:
    session = decode(b"\x01" + data)

    turn = advance(LIBRARY, session, InboundMessage("whatsapp", "1", text), Situation(NOON))

    assert said(turn).texts


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_whatever_was_stored_where_the_conversation_is_can_be_said(data: bytes) -> None:
    session = decode(b"\x01" + data) or Session("other", "xx", 0)

    assert remind(LIBRARY, session, Situation(NOON)).texts


def test_after_a_pause_the_waiting_question_is_not_said_again_by_itself() -> None:
    rehearsal = Rehearsal(LIBRARY, NOON, staffing=staffed(LIBRARY))
    turn = rehearsal.start("housing")
    assert turn.session is not None
    assert set(said(turn).texts) <= set(remind(LIBRARY, turn.session, rehearsal.situation()).texts)

    rehearsal.wait(timedelta(minutes=7))  # somebody else may hold the phone

    later = remind(LIBRARY, turn.session, rehearsal.situation())
    assert not set(said(turn).texts) & set(later.texts)
    assert later.options == ()


@given(TEXTS)
@settings(deadline=None)
def test_the_same_message_in_the_same_situation_leads_to_the_same_turn(text: str) -> None:
    situation = Situation(NOON, staffing=staffed(LIBRARY), designation="amber heron", nonce="n")
    session = new_session(LIBRARY, situation)
    message = InboundMessage("telegram", "7", text)

    assert advance(LIBRARY, session, message, situation) == advance(LIBRARY, session, message, situation)


@given(TEXTS)
@settings(deadline=None)
def test_a_turn_never_changes_the_session_it_was_given(text: str) -> None:
    rehearsal = Rehearsal(LIBRARY, NOON, staffing=staffed(LIBRARY))
    session = rehearsal.start("housing").session
    assert session is not None
    before = encode(session)

    advance(LIBRARY, session, InboundMessage("telegram", "7", text), rehearsal.situation())

    assert encode(session) == before


def test_a_session_of_the_wrong_shape_for_every_flow_is_still_answered() -> None:
    case: CaseView = an_open_case()
    situation = Situation(NOON, cases=[case], mails=[a_note()])

    for frames in ((), new_session(LIBRARY, situation).frames):
        turn = advance(
            LIBRARY, Session("other", "xx", 0, frames), InboundMessage("sms", "1", "hi"), situation
        )
        assert said(turn).texts


def test_every_sentence_the_engine_says_is_in_the_catalogue() -> None:
    known = set(ui_sentences())
    pattern = re.compile(r"(engine|wait|card)/[a-z_.]*[a-z]")
    used: set[str] = set()
    for path in sorted(Path("bot/flow").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and pattern.fullmatch(node.value)
            ):
                used.add(node.value)

    assert used
    assert used - known == set()


def test_every_family_of_sentences_is_complete() -> None:
    known = set(ui_sentences())
    families = {
        "engine/dropped.": [kind.value for kind in Dropped],
        "engine/urgency.": ["now", "soon", "normal"],
        "engine/crisis.": ["suicide", "danger_now", "violence", "trafficking", "child", "medical"],
        "engine/personal.kind.": ["phone", "email", "handle", "document", "link"],
        "engine/erase.": ["yes", "no", "clear.telegram", "clear.whatsapp"],
        "engine/referral.field.": list(FIELDS),
        "engine/referred.": [state.value for state in TOLD],
        "engine/referred.reason.": list(REASONS),
        "engine/permission.": ["yes", "no"],
        "engine/consent.": ["yes", "no"],
        "engine/gate.": ["tell", "silent", "word", "tell_done", "silent_done"],
        "engine/mail.": ["read", "later", "delete"],
        "engine/personal.": ["remove", "send", "again"],
        "engine/idle.": ["continue", "restart"],
        "engine/case.": ["cancel"],
        "engine/neutral.": ["hello", "museum", "weather", "tip"],
        "engine/help.": [
            "person",
            "leave",
            "back",
            "menu",
            "sos",
            "language",
            "erase",
            "slow",
            "one_minute",
            "mail",
            "safe_word",
        ],
        "engine/": ["yes.words", "no.words"],
    }

    assert [
        f"{start}{end}" for start, ends in families.items() for end in ends if f"{start}{end}" not in known
    ] == []
