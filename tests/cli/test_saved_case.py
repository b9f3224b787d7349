"""A case saved on the caseworker's machine opens there without any server, for who could read it, and for nobody else."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

from bot.crypto.wire import canonical
from tests.cli.test_case import Desk, Server, ana, desk, library, server
from tests.usecases.house import WORDS

__all__ = ["ana", "desk", "library", "server"]


def saved(server: Server, ana: Desk, file: Path) -> str:
    """A case with a reply, saved; its two words."""
    sam = server.person()
    [case] = json.loads(ana.does("list", "--json"))
    ana.does("reply", case["designation"], "Hello, I am Ana.")
    server.run(sam.say("is somebody there?"))
    told = ana.does("export", case["designation"], "--to", str(file))
    assert "Saved, locked" in told
    return str(case["designation"])


def test_a_saved_case_is_read_without_a_server_as_it_is_with_one(
    server: Server, ana: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "case.json"
    designation = saved(server, ana, file)
    online = json.loads(ana.does("open", designation, "--json"))
    keys = ana.keys.read_bytes()
    ana.unplug()

    told = ana.does("open", "--file", str(file))
    offline = json.loads(ana.does("open", "--file", str(file), "--json"))

    assert offline["summary"] == online["summary"]
    assert offline["messages"] == online["messages"]
    assert offline["saved"]["by"] == "Ana"
    assert WORDS in told
    assert "Hello, I am Ana." in told
    assert re.search(r"A copy of \d{4}-\d\d-\d\d \d\d:\d\d UTC, saved by Ana", told)
    assert ana.keys.read_bytes() == keys


def test_the_file_is_its_owners_alone_and_tells_nothing(server: Server, ana: Desk, tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    designation = saved(server, ana, file)
    [row] = json.loads(ana.does("list", "--json"))
    text = file.read_text()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for word in (designation, WORDS, "is somebody there", "Hello, I am Ana", row["urgency"], row["status"]):
        assert word not in text
    assert f'"{row["need"]}"' not in text


def test_what_is_there_already_is_not_written_over_and_no_audit_line_is_made(
    server: Server, ana: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "case.json"
    file.write_text("mine")
    server.person()
    [case] = json.loads(ana.does("list", "--json"))

    assert "is there already" in ana.refuses("export", case["designation"], "--to", str(file))
    assert "cannot be written" in ana.refuses(
        "export", case["designation"], "--to", str(tmp_path / "no" / "case.json")
    )

    assert file.read_text() == "mine"
    lines = [bytes(row["line"]) for row in server.run(server.house.rows("audit"))]  # type: ignore[call-overload]  # bytes
    assert not any(b"case.exported" in line for line in lines)


def test_a_case_that_cannot_be_read_leaves_no_file(
    server: Server, ana: Desk, desk: Callable[[str], Desk], tmp_path: Path
) -> None:
    file = tmp_path / "case.json"
    server.person()
    bo = desk("bo")
    bo.does("enrol", "--invite", server.invitation("caseworker"), "--alias", "Bo")
    [case] = json.loads(ana.does("list", "--json"))

    assert "sealed to colleagues only" in bo.refuses("export", case["designation"], "--to", str(file))
    assert "no open case" in ana.refuses("export", "nothing here", "--to", str(file))
    server.run(server.house.write("UPDATE envelopes SET sealed = CAST(replace(sealed, 'A', 'B') AS BLOB)"))
    assert "was changed" in ana.refuses("export", case["designation"], "--to", str(file))

    assert not file.exists()


def test_a_colleague_who_was_no_recipient_opens_nothing_of_it(
    server: Server, ana: Desk, desk: Callable[[str], Desk], tmp_path: Path
) -> None:
    file = tmp_path / "case.json"
    saved(server, ana, file)
    bo = desk("bo")
    bo.does("enrol", "--invite", server.invitation("caseworker"), "--alias", "Bo")

    assert "sealed to colleagues only" in bo.refuses("open", "--file", str(file))


def test_a_file_that_was_changed_or_is_none_is_refused(server: Server, ana: Desk, tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    saved(server, ana, file)
    fields = json.loads(file.read_text())
    shorter = tmp_path / "shorter.json"
    shorter.write_bytes(canonical({**fields, "envelopes": fields["envelopes"][:-1]}))
    (tmp_path / "none").write_text("{}")

    assert "case-file.signature" in ana.refuses("open", "--file", str(shorter))
    assert "case-file.format" in ana.refuses("open", "--file", str(tmp_path / "none"))
    assert "cannot be read" in ana.refuses("open", "--file", str(tmp_path / "nothing"))
    assert "Name a case" in ana.refuses("open")
    assert "Name a case" in ana.refuses("open", "amber heron", "--file", str(file))
