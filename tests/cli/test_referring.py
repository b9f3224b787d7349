"""Referring on the command line: who can be asked, a preview, a question to the person, and giving back."""

import json
from collections.abc import Callable
from io import StringIO

import pytest

from tests.cli.test_case import Desk, Server, ana, desk, library, server
from tests.usecases.house import Person

__all__ = ["ana", "desk", "library", "server"]

WHEELS = "rs-demo-wheels"


@pytest.fixture
def sam(server: Server) -> Person:
    return server.person()


@pytest.fixture
def rosa(server: Server, desk: Callable[[str], Desk]) -> Desk:
    made = desk("rosa")
    made.does("enrol", "--invite", server.invitation(organisation=WHEELS), "--alias", "Rosa")
    return made


def test_a_referral_from_the_list_to_the_end(
    server: Server, ana: Desk, rosa: Desk, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    [case] = json.loads(ana.does("list", "--json"))
    name = case["designation"]
    words = ("refer", name, "--to", WHEELS, "--queue", "health", "--note", "Needs a doctor", "--age", "18-25")
    assert "Claim the case first" in ana.refuses(*words, "--yes")
    ana.does("claim", name)
    listed = ana.does("refer", name)
    assert "Nobody was asked yet." in listed
    assert f"{WHEELS}  Wheels Demo Team, on duty" in listed

    monkeypatch.setattr("sys.stdin", StringIO("no\n"))
    assert "nothing was sent" in ana.refuses(*words)
    monkeypatch.setattr("sys.stdin", StringIO("yes\n"))
    asked = ana.does(*words)
    assert asked.index("Age: 18-25") < asked.index("Note from the helper: Needs a doctor")
    assert "Nothing leaves before they say yes." in asked
    assert "There is a question for you, too." in server.house.messenger.heard
    assert ": offered, " in ana.does("refer", name)
    assert "asked whether another organisation may help" in ana.does("open", name)

    server.run(sam.say("note"))
    assert "Needs a doctor" in server.run(sam.choose("Read"))
    server.run(sam.choose("Yes, send this"))
    [second] = json.loads(rosa.does("list", "--json"))
    opened = rosa.does("open", second["designation"])
    assert "Sent by: Lantern Demo Centre" in opened
    assert "Needs a doctor" in opened
    assert ": sent, " in ana.does("refer", name)

    assert "deleted here" in rosa.does("send-back", second["designation"], "--reason", "full")
    assert "No open case" in rosa.does("list")
    assert ": declined (full), " in ana.does("refer", name)
    assert "came from no other organisation" in ana.refuses("send-back", name, "--reason", "full")


def test_what_would_tell_too_much_or_reach_nobody_is_refused_before_anything_is_sealed(
    ana: Desk, rosa: Desk, sam: Person
) -> None:
    assert sam.heard
    assert "No open case" in rosa.does("list")
    [case] = json.loads(ana.does("list", "--json"))
    name = case["designation"]
    ana.does("claim", name)
    to = ("refer", name, "--yes", "--to", WHEELS)

    assert "not an LGBTIQ+ organisation" in ana.refuses(
        *to, "--queue", "health", "--sogiesc", "a trans woman"
    )
    assert "with --queue: child, health" in ana.refuses(*to)
    assert "At most 500 characters" in ana.refuses(*to, "--queue", "health", "--note", "x" * 501)
    assert "cannot be asked now" in ana.refuses("refer", name, "--yes", "--to", "mk-demo-iskra")
    assert "Nobody was asked yet." in ana.does("refer", name)
    assert "is asked in their chat" in ana.does(
        *to, "--queue", "health", "--sogiesc", "a trans woman", "--also-sogiesc"
    )


def test_what_may_show_who_somebody_is_is_said_before_the_person_is_asked(
    ana: Desk, rosa: Desk, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sam.heard
    assert "No open case" in rosa.does("list")
    [case] = json.loads(ana.does("list", "--json"))
    ana.does("claim", case["designation"])
    words = ("refer", case["designation"], "--to", WHEELS, "--queue", "health", "--note")
    monkeypatch.setattr("sys.stdin", StringIO("no\nno\n"))

    code, said, _ = ana.case(*words, "Reach her at sam@example.org\n- Age: 17, or +381601234567")
    assert code != 0
    assert "Note from the helper: Reach her at sam@example.org - Age: 17, or +381601234567" in said
    assert "Look again: this may show who they are: sam@example.org, +381601234567." in said
    assert "may show" not in ana.case(*words, "Needs a doctor within 72 hours")[1]
