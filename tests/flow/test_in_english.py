"""Who looks on reads in English exactly what the same conversation says in English, at every place of every flow."""

from collections import deque
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.content.folders import load_library
from bot.flow.effects import Situation
from bot.flow.engine import Turn, advance, begin
from bot.flow.library import Library
from bot.flow.rehearsal import said, staffed
from bot.kernel.messages import InboundMessage, OutboundMessage
from tests.flow.stage import a_library

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TYPED = (
    "some words",
    "help",
    "sos",
    "person",
    "erase",
    "safe word",
    "leave",
    "slow",
    "call me on +381 60 1234567",
)
MOST = 80  # places of one language
LANGUAGES = {"ar": "العربية", "sr": "Srpski"}


@pytest.fixture(scope="module")
def library() -> Library:
    found, _ = load_library(Path(__file__).parents[2], today=NOW.date())
    assert found is not None
    return found


def situation(library: Library) -> Situation:
    """One organisation for everybody, so that a language leads to no other one."""
    staffing = [each for each in staffed(library) if each.organisation == "rs-demo-lantern"]
    return Situation(NOW, staffing, "amber heron", "0badcafe", demo=True, in_english=True)


def in_english(turn: Turn) -> OutboundMessage:
    """What a turn says in English, wherever it says it."""
    message = said(turn)
    return message.english or message._replace(language="en", direction="ltr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_beside_every_message_stands_what_an_english_conversation_says(
    library: Library, language: str
) -> None:
    outside = situation(library)
    waiting: deque[tuple[Turn, Turn]] = deque()
    seen: set[str] = set()
    compared, named = 0, False

    def arrive(theirs: Turn, ours: Turn) -> None:
        nonlocal compared, named
        told = in_english(theirs)
        named = named or any(f"Language: {LANGUAGES[language]}" in text for text in told.texts)
        texts = tuple(text.replace(LANGUAGES[language], "English") for text in told.texts)
        assert told._replace(texts=texts) == in_english(ours), theirs.trace
        compared += 1
        if (
            theirs.session is not None
            and ours.session is not None
            and (place := repr(theirs.trace)) not in seen
        ):
            seen.add(place)
            waiting.append((theirs, ours))

    for flow in sorted(library.flows):
        arrive(begin(library, flow, outside, language=language), begin(library, flow, outside))
    for _ in range(MOST):
        if not waiting:
            break
        theirs, ours = waiting.popleft()
        shown = said(theirs)
        messages = [InboundMessage("simulator", "1", tapped=each.payload) for each in shown.options]
        messages += [InboundMessage("simulator", "1", text) for text in TYPED]
        for message in messages:
            arrive(
                advance(library, theirs.session, message, outside),
                advance(library, ours.session, message, outside),
            )
    assert compared > MOST
    assert named  # what leaves is told as it leaves: the person's language, not that of who looks on


def test_without_being_asked_nothing_is_said_twice_and_an_english_message_needs_no_other() -> None:
    library = a_library()
    plain = Situation(NOW)
    asked = plain._replace(in_english=True)

    assert said(begin(library, "housing", plain, language="ar")).english is None
    assert said(begin(library, "housing", asked, language="ar")).english is not None
    assert said(begin(library, "housing", asked)).english is None
