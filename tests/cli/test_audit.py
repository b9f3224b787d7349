"""`fener audit`: what a writer of the database did to a chain is told, by lines, by memory and by kept checkpoints."""

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest

from bot.cli.main import main
from tests.cli.stored import Stored
from tests.ports.examples import a_caseworker

ORG = "demo-lantern"


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    found = Stored(tmp_path, monkeypatch)
    found.open_keys()
    return found


def forge(stored: Stored, keep: int) -> None:
    """Make the chain anew from line `keep` on, with every hash right: what a careful writer of the database does."""
    with sqlite3.connect(stored.file) as connection:
        lines = [
            json.loads(line) for (line,) in connection.execute("SELECT line FROM audit ORDER BY position")
        ]
        before = "0" * 64
        for position, fields in enumerate(lines):
            if position >= keep:
                fields |= {"event": "case.closed", "prev": before}
            line = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
            digest = hashlib.sha256(line)
            before = digest.hexdigest()
            connection.execute(
                "UPDATE audit SET line = ?, hash = ? WHERE position = ?", (line, digest.digest(), position)
            )
    connection.close()


def remember(capsys: pytest.CaptureFixture[str]) -> None:
    """What the server does every hour."""
    assert main(["db", "purge"]) == 0
    capsys.readouterr()


def kept_checkpoint(capsys: pytest.CaptureFixture[str], folder: Path) -> str:
    """What an organisation keeps."""
    assert main(["audit", "checkpoint", "--org", ORG]) == 0
    file = folder / "checkpoint.json"
    file.write_text(capsys.readouterr().out)
    return str(file)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM audit WHERE position > 2", "its end is missing"),
        ("DELETE FROM audit", "its end is missing"),
        ("DELETE FROM audit WHERE position < 2", "its beginning is missing before its time"),
    ],
)
def test_what_the_server_remembers_shows_a_missing_end_or_beginning(
    stored: Stored, capsys: pytest.CaptureFixture[str], statement: str, told: str
) -> None:
    stored.write_audit(ORG, 5)
    remember(capsys)
    assert main(["audit", "verify"]) == 0
    stored.change(statement)

    assert main(["audit", "verify"]) == 1
    assert f"{ORG}: {told} beside what this server remembers" in capsys.readouterr().err
    assert main(["db", "purge"]) == 1  # and the hourly job says so, again and again
    assert main(["db", "purge"]) == 1
    assert "an audit chain was changed" in capsys.readouterr().err


def test_who_opened_unusually_many_cases_is_told_and_is_no_fault(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.write_many_read(a_caseworker(organisation=ORG, alias="Mina"), 20)
    stored.write_many_read(a_caseworker(organisation=ORG, alias="Sam"), 24, hours_ago=73)
    stored.write_many_read(a_caseworker(organisation=ORG, alias="Ana\x1b[2J"), 24)

    assert main(["audit", "verify"]) == 0
    [told] = [line for line in capsys.readouterr().out.splitlines() if "opened" in line]
    assert told.startswith(f"{ORG}: Ana")
    assert " opened 24 cases within the two hours from " in told
    assert "\x1b" not in told


@pytest.mark.parametrize("keep", [0, 3])
def test_a_chain_made_anew_with_right_hashes_is_found_out(
    stored: Stored, capsys: pytest.CaptureFixture[str], keep: int
) -> None:
    stored.write_audit(ORG, 4)
    remember(capsys)
    stored.write_audit(ORG, 1)
    forge(stored, keep)

    assert main(["audit", "verify"]) == 1
    assert f"{ORG}: it was made anew beside what this server remembers" in capsys.readouterr().err


def test_a_kept_checkpoint_shows_what_was_cut_before_the_server_looked(
    stored: Stored, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stored.write_audit(ORG, 5)
    file = kept_checkpoint(capsys, tmp_path)
    stored.change("DELETE FROM audit WHERE position > 2")

    assert main(["audit", "verify"]) == 0  # nobody else had seen those lines
    assert main(["audit", "verify", "--checkpoint", file]) == 1
    assert f"{ORG}: its end is missing beside the checkpoint of 5 lines" in capsys.readouterr().err


def test_a_kept_checkpoint_outlives_what_the_server_remembers(
    stored: Stored, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stored.write_audit(ORG, 5)
    file = kept_checkpoint(capsys, tmp_path)
    forge(stored, 4)
    remember(capsys)  # the server saw only the forged chain

    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--checkpoint", file]) == 1
    assert "made anew beside the checkpoint of 5 lines" in capsys.readouterr().err


def test_a_chain_that_only_grew_fits_its_checkpoint(
    stored: Stored, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stored.write_audit(ORG, 5)
    file = kept_checkpoint(capsys, tmp_path)
    stored.write_audit(ORG, 2)
    remember(capsys)

    assert main(["audit", "verify", "--checkpoint", file]) == 0
    assert capsys.readouterr().out == f"{ORG}: 7 lines fit\n"


def test_a_forged_checkpoint_is_refused(
    stored: Stored, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stored.write_audit(ORG, 5)
    file = Path(kept_checkpoint(capsys, tmp_path))
    document = json.loads(file.read_text())
    (kid,) = document["sigs"]
    document["sigs"][kid] = "A" * 86
    file.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")))

    assert main(["audit", "verify", "--checkpoint", str(file)]) == 1
    assert "holds no checkpoint that this server signed" in capsys.readouterr().err


def test_lines_that_the_job_deleted_for_their_age_are_no_damage(
    stored: Stored, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stored.write_audit(ORG, 2, hours_ago=366 * 24)
    remember(capsys)
    stored.write_audit(ORG, 3)
    file = kept_checkpoint(capsys, tmp_path)
    remember(capsys)

    assert main(["audit", "verify", "--checkpoint", file]) == 0
    assert capsys.readouterr().out == f"{ORG}: 3 lines fit, from line 2 on; those before went with time\n"
    stored.change("DELETE FROM audit WHERE position = 2")
    assert main(["audit", "verify"]) == 1
    assert "its beginning is missing before its time" in capsys.readouterr().err


def test_no_checkpoint_is_signed_for_a_chain_that_was_cut(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.write_audit(ORG, 5)
    remember(capsys)
    stored.change("DELETE FROM audit WHERE position > 2")

    assert main(["audit", "checkpoint", "--org", ORG]) == 1
    assert "The audit chain was changed" in capsys.readouterr().err


def test_without_keys_the_chains_are_recomputed_and_nothing_more_is_claimed(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.write_audit(ORG, 5)
    stored.keys.rename(stored.keys.with_name("elsewhere"))

    assert main(["audit", "verify"]) == 0
    assert "There are no keys here, so nothing was compared" in capsys.readouterr().err
