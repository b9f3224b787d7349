"""The caseworker's command line: keys stay on their machine, nothing of the server's is believed unverified."""

import asyncio
import io
import json
import re
import signal
import socket
import stat
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
import uvicorn

from bot.cli.main import main
from bot.flow.library import Library
from bot.installation import SystemClock
from bot.web.application import application
from tests.usecases.fixtures import library
from tests.usecases.house import DEMO, OTHER, HandClock, House, Person
from tests.usecases.test_consents import asks_for_a_doctor
from tests.usecases.test_interpreter_wishes import WISH, with_wishes

__all__ = ["library"]

T = TypeVar("T")
PASSPHRASE = "six words only for this test"


@asynccontextmanager
async def _running() -> AsyncIterator[None]:
    yield  # nothing works beside requests here


class Server:
    """An installation that answers on a port, in a thread of its own."""

    def __init__(self, folder: Path, library: Library) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.house = House(folder, library)
        self.house.clock = HandClock(SystemClock().now())  # as the machines of caseworkers
        self.run(self.house.start())
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(application(self.house.fener, _running), log_config=None, lifespan="off")
        )
        self._serving = asyncio.run_coroutine_threadsafe(self._uvicorn.serve(sockets=[listening]), self._loop)

    def run(self, work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(wait(), self._loop).result(30)

    def invitation(self, role: str = "lead", organisation: str = DEMO) -> str:
        return self.run(self.house.fener.staff.invite(organisation, role, console=f"{self.url}/console/"))

    def person(self) -> Person:
        person = self.house.person()
        self.run(person.hand_over())
        return person

    def close(self) -> None:
        self._uvicorn.handle_exit(signal.SIGTERM, None)
        self._serving.result(20)
        self.run(self.house.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class Desk:
    """Somebody's own machine: keys, passphrase, and what the commands print."""

    def __init__(self, folder: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        folder.mkdir(exist_ok=True)
        self.keys = folder / "caseworker.keys"
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(f"{PASSPHRASE}\n")
        self._url = url
        self._capsys = capsys

    def case(self, *words: str) -> tuple[int, str, str]:
        """One `fener case` command: exit code, output, errors."""
        code = main(
            [
                "case",
                *words,
                "--server",
                self._url,
                "--keys",
                str(self.keys),
                "--passphrase-file",
                str(self.passphrase),
            ]
        )
        out, errors = self._capsys.readouterr()
        return code, out, errors

    def unplug(self) -> None:
        """From now on there is no server at the address that this machine knows."""
        self._url = "http://127.0.0.1:1"

    def does(self, *words: str) -> str:
        code, out, errors = self.case(*words)
        assert code == 0, errors
        return out

    def refuses(self, *words: str) -> str:
        """What it says in one sentence when it cannot."""
        code, _, errors = self.case(*words)
        assert code == 1
        assert errors.startswith("fener: ")
        assert errors.count("\n") == 1
        return errors


@pytest.fixture
def server(tmp_path: Path, library: Library) -> Iterator[Server]:  # the fixture
    folder = tmp_path / "server"
    folder.mkdir(mode=0o700)
    ours = Server(folder, library)
    yield ours
    ours.close()


@pytest.fixture
def desk(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Desk]:
    return lambda name: Desk(tmp_path / name, server.url, capsys)


@pytest.fixture
def ana(server: Server, desk: Callable[[str], Desk]) -> Desk:
    made = desk("ana")
    assert "on duty" in made.does("enrol", "--invite", server.invitation(), "--alias", "Ana")
    return made


def test_a_day_of_work(server: Server, ana: Desk) -> None:
    assert "No open case" in ana.does("list")
    sam = server.person()
    [case] = json.loads(ana.does("list", "--json"))

    opened = ana.does("open", case["designation"])
    assert "I slept at the station again" in opened
    assert "They agreed to (text " in opened
    server.run(asks_for_a_doctor(sam))
    server.run(sam.choose("Nothing more"))
    again = ana.does("open", case["designation"])
    assert "They agreed to it (text " in again
    told = json.loads(ana.does("open", case["designation"], "--json"))
    assert told["messages"][-1]["consent"]["sha256"] != told["summary"]["consent_sha256"]
    assert "This case is yours" in ana.does("claim", case["designation"].title())
    assert "Sent: the chat is live." in ana.does("reply", case["id"][:6], "Hello, I am Ana.")
    assert "Hello, I am Ana." in server.house.messenger.heard
    assert "Closed" in ana.does("close", case["designation"].replace(" ", "-"))
    assert "No open case" in ana.does("list")


def test_the_first_answer_waits_until_the_wishes_were_read_and_a_case_can_be_declined(
    server: Server, ana: Desk
) -> None:
    sam = server.house.person("9")
    server.run(with_wishes(sam))
    server.run(sam.choose("Yes"))
    server.run(sam.choose("Nothing more"))
    [case] = json.loads(ana.does("list", "--json"))
    name = case["designation"]

    opened = ana.does("open", name)
    assert "How to speak with them" in opened
    assert f"language: {WISH}" in opened
    assert "form: By voice" in opened
    refused = ana.refuses("reply", name, "Hello")
    assert "--wishes-read" in refused
    assert WISH in refused
    assert "Hello" not in server.house.messenger.heard
    assert "Sent" in ana.does("reply", name, "Hello", "--wishes-read")
    assert "Sent" in ana.does("reply", name, "Another one")

    assert "Declined and closed here" in ana.does(
        "decline", name, "--reason", "not-our-area", "--note", "in the north"
    )
    assert "No open case" in ana.does("list")
    assert "cannot take this" in server.house.messenger.heard
    assert "north" not in server.house.messenger.heard


def test_duty_goes_on_and_off_in_either_way_of_writing_it(
    server: Server, ana: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    def on_duty() -> bool:
        [row] = server.run(server.house.fener.staff.register.of(DEMO))
        return row.duty_statement != b""

    assert on_duty()
    assert ana.does("duty", "off") == "Off duty.\n"
    assert not on_duty()
    assert ana.does("duty", "on", "--hours", "2").startswith("On duty until ")
    assert on_duty()
    keys = ["--keys", str(ana.keys), "--passphrase-file", str(ana.passphrase)]
    assert main(["duty", "off", "--server", server.url, *keys]) == 0
    assert capsys.readouterr().out == "Off duty.\n"
    assert not on_duty()


def test_the_keys_are_locked_in_a_file_for_their_owner_alone(server: Server, ana: Desk) -> None:
    assert server.url
    assert stat.S_IMODE(ana.keys.stat().st_mode) == 0o600
    assert PASSPHRASE.encode() not in ana.keys.read_bytes()
    assert "does not open" in _with_passphrase(ana, "another passphrase of six words").refuses("list")


def _with_passphrase(desk: Desk, words: str) -> Desk:
    desk.passphrase.write_text(words)
    return desk


def test_what_is_missing_is_said_in_one_sentence(server: Server, desk: Callable[[str], Desk]) -> None:
    nobody = desk("nobody")
    assert "no keys at" in nobody.refuses("list")
    assert "not an enrolment link" in nobody.refuses("enrol", "--invite", f"{server.url}/console/")
    assert "used or is over" in nobody.refuses("enrol", "--invite", f"{server.url}/console/#enrol={'x' * 43}")


def test_a_link_that_was_used_takes_nobody_their_keys(server: Server, ana: Desk) -> None:
    before = ana.keys.read_bytes()

    assert "used or is over" in ana.refuses("enrol", "--invite", f"{server.url}/console/#enrol={'x' * 43}")

    assert ana.keys.read_bytes() == before
    assert [ana.keys.name] == [each.name for each in ana.keys.parent.glob("*.keys*")]
    assert "No open case" in ana.does("list")


@pytest.mark.parametrize(
    "url", ["ftp://x", "localhost", "http://", "http://h:port", "http://[", "http://h:0"]
)
def test_an_address_that_is_none_is_said_so(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path, url, capsys)

    assert "Write the server as" in desk.refuses("enrol", "--invite", f"{url}/console/#enrol={'x' * 43}")


def test_a_message_that_was_changed_on_the_server_is_not_shown(server: Server, ana: Desk) -> None:
    server.person()
    [case] = json.loads(ana.does("list", "--json"))
    server.run(server.house.write("UPDATE envelopes SET sealed = CAST(replace(sealed, 'A', 'B') AS BLOB)"))

    assert "was changed" in ana.refuses("open", case["designation"])


def test_a_message_that_was_taken_away_is_noticed(server: Server, ana: Desk) -> None:
    sam = server.person()
    server.run(sam.say("it is cold here"))
    server.run(sam.say("and dark"))
    [case] = json.loads(ana.does("list", "--json"))
    server.run(server.house.write("DELETE FROM envelopes WHERE sequence = 2"))

    assert "missing or changed" in ana.refuses("open", case["designation"])


def test_a_keyring_that_does_not_begin_with_the_known_root_is_refused(server: Server, ana: Desk) -> None:
    from bot.crypto.identity import make_identity
    from bot.crypto.keyring import found

    server.person()
    [case] = json.loads(ana.does("list", "--json"))
    house = server.house
    forged = found(
        make_identity(),
        organisation=DEMO,
        name="Lantern Demo Centre",
        server_public=house.fener.keys.signing.public,
        alias="Eve",
        now=house.clock.now(),
    )
    server.run(house.write("DELETE FROM keyrings WHERE position > 0"))
    server.run(house.write("UPDATE keyrings SET entry = :e", e=forged))

    for words in (("open", case["designation"]), ("team",)):
        assert "keyring" in ana.refuses(*words)


def test_a_lead_signs_the_key_whose_words_were_compared_and_no_other(
    server: Server, ana: Desk, desk: Callable[[str], Desk]
) -> None:
    """The server calls a stranger's key by the name of the one that was compared."""
    lead = desk("lead")
    lead.does("enrol", "--invite", server.invitation(organisation="rs-demo-harbour"), "--alias", "Mira")
    bo = desk("bo")
    told = bo.does("enrol", "--invite", server.invitation("caseworker", "rs-demo-harbour"), "--alias", "Bo")
    words = next(line.strip() for line in told.splitlines() if line.startswith("    "))
    [line] = [line for line in lead.does("team").splitlines() if "WAITS" in line]
    key = line.split()[0]
    assert line.endswith(words)
    assert len(key) == 16
    assert "all 16 characters" in lead.refuses("admit", key[:8])

    stranger = f"{key}{'0' * 16}"
    server.run(server.house.write("UPDATE staff SET identity_kid = :k, identity_public = :p WHERE alias = 'Bo'", k=stranger, p=b"\x05" * 32))  # fmt: skip
    assert "Nobody waits under this key" in lead.refuses("admit", key)
    assert ana.keys.exists()


def waiting_key(team: str) -> str:
    """The key of the one who waits, as the lead reads it."""
    [line] = [line for line in team.splitlines() if "WAITS" in line]
    return line.split()[0]


def member_key(team: str, alias: str) -> str:
    [line] = [line for line in team.splitlines() if line.endswith(alias)]
    return line.split()[0]


def test_who_lost_everything_enrols_anew_and_a_colleague_shares_the_open_cases(
    server: Server, ana: Desk, desk: Callable[[str], Desk]
) -> None:
    sam = server.person()
    [case] = json.loads(ana.does("list", "--json"))
    ana.does("reply", case["designation"], "Hello, I am Ana.")
    bo = desk("bo")
    bo.does("enrol", "--invite", server.invitation("caseworker"), "--alias", "Bo")
    assert "sealed to colleagues only" in bo.refuses("open", case["designation"])
    server.run(sam.say("is somebody there?"))  # sealed to Bo too, and still no case for him
    assert "sealed to colleagues only" in bo.refuses("open", case["designation"])

    key = member_key(ana.does("team"), "Bo")
    assert "Bo can read one open case now" in ana.does("share", key)
    assert "There is no open case that you can read and Bo cannot" in ana.does("share", key)

    opened = json.loads(bo.does("open", case["designation"], "--json"))
    assert opened["summary"]["note"] == "I slept at the station again"
    assert {(line["from"], line["text"]) for line in opened["messages"]} == {
        ("caseworker", "Hello, I am Ana."),
        ("person", "is somebody there?"),
    }
    assert "cannot read one open case yourself" not in bo.does("share", member_key(bo.does("team"), "Ana"))


def test_what_somebody_cannot_read_they_cannot_share(
    server: Server, ana: Desk, desk: Callable[[str], Desk]
) -> None:
    server.person()
    for name in ("bo", "cem"):
        desk(name).does("enrol", "--invite", server.invitation("caseworker"), "--alias", name.title())
    bo = desk("bo")

    told = bo.does("share", member_key(ana.does("team"), "Cem"))
    assert "You cannot read one open case yourself" in told
    assert "Nobody in the keyring has this key" in bo.refuses("share", "0" * 16)
    [case] = json.loads(ana.does("list", "--json"))
    assert "sealed to colleagues only" in desk("cem").refuses("open", case["designation"])


def test_a_keyring_that_was_cut_back_is_refused_by_who_saw_its_end(
    server: Server, ana: Desk, desk: Callable[[str], Desk]
) -> None:
    bo = desk("bo")
    bo.does("enrol", "--invite", server.invitation("caseworker"), "--alias", "Bo")
    assert "Bo" in ana.does("team")
    server.run(
        server.house.write("DELETE FROM keyrings WHERE position = (SELECT MAX(position) FROM keyrings)")
    )

    assert "keyring.truncated" in ana.refuses("team")


def test_a_second_lead_sees_what_changes_and_signs_only_after_a_yes(
    server: Server, ana: Desk, desk: Callable[[str], Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ana.keys.exists()
    mira, nada, bo = desk("mira"), desk("nada"), desk("bo")
    told = mira.does("enrol", "--invite", server.invitation(organisation=OTHER), "--alias", "Mira")
    [root] = re.findall(r"[0-9a-f]{64}", told)
    roots = server.house.fener.staff.roots
    assert isinstance(roots, dict)
    roots[OTHER] = root  # as if the operator had pinned it and started again
    change = tmp_path / "change.json"
    nada.does("enrol", "--invite", server.invitation(organisation=OTHER), "--alias", "Nada")
    mira.does("admit", waiting_key(mira.does("team")))
    told = bo.does("enrol", "--invite", server.invitation("caseworker", OTHER), "--alias", "Bo")
    words = next(line.strip() for line in told.splitlines() if line.startswith("    "))
    assert "Two leads have to sign" in mira.does(
        "admit", waiting_key(mira.does("team")), "--out", str(change)
    )

    for answer in ("", "no\n", "y\n"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
        code, out, errors = nada.case("cosign", str(change))
        assert (code, "Nothing was signed" in errors) == (1, True)
        assert f"their words {words}" in out
        assert "Mira began this change" in out
        assert "sign in     Bo, as caseworker" in out
    assert "WAITS" in nada.does("team")
    for damaged in (b"", b"{}", change.read_bytes()[:-2], b'{"doc":"e30","sigs":{}}'):
        (tmp_path / "other.json").write_bytes(damaged)
        assert "holds no change" in nada.refuses("cosign", str(tmp_path / "other.json"))

    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert "in force" in nada.does("cosign", str(change))
    assert "WAITS" not in nada.does("team")
    assert "does not fit the keyring as it is now" in nada.refuses("cosign", str(change))


# --- another server than ours ---------------------------------------------------------------------------


def impostor(listening: socket.socket, body: bytes) -> None:
    """Answer one request with `body`, as some other program on this port would."""
    connection, _ = listening.accept()
    with connection:
        connection.recv(65_536)
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        connection.sendall(head.encode() + body)


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[]", b"{}", b'{"organisation": 7}', b"\xff", b""])
def test_a_server_that_is_not_fener_is_said_so(
    body: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=impostor, args=(listening, body))
        thread.start()
        desk = Desk(tmp_path, f"http://127.0.0.1:{listening.getsockname()[1]}", capsys)

        assert "is it Fener?" in desk.refuses("enrol", "--invite", f"x#enrol={'x' * 43}")

        thread.join()


def test_a_server_that_does_not_answer_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    desk = Desk(tmp_path, url, capsys)

    assert "does not answer" in desk.refuses("enrol", "--invite", f"x#enrol={'x' * 43}")
