"""`fener doctor`: what it looks at, when it fails, and that no secret is ever printed."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.cli.doctor import diagnose
from bot.cli.host import RELEASED, Finding, Host, check_host
from bot.cli.readiness import check_bell, staffed_findings
from bot.handoff.routing import Staffing
from bot.installation import SystemClock
from bot.settings import Settings, read_settings
from tests.cli.stored import Stored
from tests.content.foreign import HOUSING, write

ROOT = Path(__file__).parents[2]
HOST = Host(SystemClock().now(), core_limit=0, dumpable=False, swaps=(), swap_limit=None)
TOKEN = "123456789:AAE-canary_token"


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    stored = Stored(tmp_path, monkeypatch)
    monkeypatch.setenv("FENER_CONTENT_DIR", str(write(tmp_path / "content")))
    return stored


def on_the_host(check: str, host: Host = HOST, **settings: object) -> Finding:
    found = [each for each in check_host(host, Settings.model_validate(settings), ()) if each.check == check]
    assert found
    return found[-1]


def found(check: str) -> Finding:
    """The last finding of this name, of the installation that the environment describes."""
    whole = [each for each in diagnose(read_settings(), HOST, SystemClock()) if each.check == check]
    assert whole, check
    return whole[-1]


def test_where_real_people_write_somebody_should_be_rung_also_with_the_page_closed() -> None:
    real = Settings.model_validate({"telegram_token": TOKEN, "key_custody": "file"})
    assert [each.level for each in check_bell(Settings())] == ["ok"]
    assert [each.level for each in check_bell(real)] == ["warn"]

    mail = {"smtp_host": "mail.example.org", "smtp_from": "desk@example.org"}
    [finding] = check_bell(real.model_copy(update=mail))
    assert finding.level == "ok"
    assert "example" not in finding.said


# --- the machine ---------------------------------------------------------------------------------------


def test_core_dumps_and_readable_memory_must_be_mended() -> None:
    assert on_the_host("core dumps").level == "ok"
    assert on_the_host("core dumps", replace(HOST, core_limit=1024)).level == "fail"
    assert on_the_host("memory").level == "ok"
    assert on_the_host("memory", replace(HOST, dumpable=True)).level == "fail"
    assert on_the_host("memory", replace(HOST, dumpable=None)).level == "warn"


def test_swap_is_a_warning_unless_the_server_may_not_use_it() -> None:
    swapping = replace(HOST, swaps=("/dev/sda2",))

    assert on_the_host("swap").level == "ok"
    assert on_the_host("swap", swapping).level == "warn"
    assert on_the_host("swap", replace(swapping, swap_limit=4096)).level == "warn"
    assert on_the_host("swap", replace(swapping, swap_limit=0)).level == "ok"


def test_a_clock_that_stands_before_this_version_or_its_own_files_is_wrong(tmp_path: Path) -> None:
    assert on_the_host("clock", data_dir=tmp_path).level == "ok"
    assert on_the_host("clock", replace(HOST, now=RELEASED - timedelta(days=1))).level == "fail"

    (tmp_path / "fener.db").touch()
    later = HOST.now.timestamp() + 3 * 3600
    os.utime(tmp_path / "fener.db", (later, later))
    assert on_the_host("clock", data_dir=tmp_path).level == "fail"


def test_a_time_zone_without_data_is_named() -> None:
    [zones] = [
        each for each in check_host(HOST, Settings(), {"Europe/Nowhere"}) if each.check == "time zones"
    ]

    assert (zones.level, zones.said) == ("fail", "no data for Europe/Nowhere")


def test_swap_areas_and_the_limit_of_every_group_around_us_are_read(tmp_path: Path) -> None:
    proc, groups = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "swaps").write_text("Filename Type Size\n/dev/zram0 partition 1\n/dev/sda2 partition 8\n\n")
    (proc / "self" / "cgroup").write_text("0::/system.slice/fener.service\n")
    (groups / "system.slice" / "fener.service").mkdir(parents=True)
    (groups / "system.slice" / "fener.service" / "memory.swap.max").write_text("max\n")
    (groups / "system.slice" / "memory.swap.max").write_text("0\n")
    script = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime; "
        "from bot.cli.host import read_host; proc, groups = map(Path, sys.argv[1:]); "
        "print(read_host(datetime(2026, 11, 21, tzinfo=UTC), proc=proc, groups=groups))"
    )

    # In a process of its own, because it is hardened.
    done = subprocess.run(
        [sys.executable, "-c", script, str(proc), str(groups)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "core_limit=0, " in done.stdout
    assert "swaps=('/dev/sda2',), swap_limit=0" in done.stdout
    assert f"dumpable={False if sys.platform == 'linux' else None}" in done.stdout


# --- folders and keys ----------------------------------------------------------------------------------


def test_folders_and_files_that_others_can_look_into_must_be_mended(stored: Stored) -> None:
    stored.open_case()
    assert [found(name).level for name in ("data folder", "database file", "keys folder")] == [
        "ok",
        "ok",
        "ok",
    ]

    stored.data.chmod(0o755)
    assert found("data folder").mend == f"run 'chmod 700 {stored.data}'"
    stored.file.chmod(0o644)
    assert found("database file").mend == f"run 'chmod 600 {stored.file}'"

    (stored.keys / "installation.key").chmod(0o640)
    assert found("key file").level == "fail"
    stored.keys.chmod(0o750)
    assert found("keys folder").level == "fail"
    assert found("keys").level == "fail"


def test_keys_beside_the_data_and_open_keys_on_a_real_channel_are_warnings(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.open_case()
    assert found("keys apart").level == "warn"
    assert found("key custody").level == "ok"

    monkeypatch.setenv("FENER_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("FENER_KEY_CUSTODY", "file")
    assert found("key custody").level == "warn"


def test_a_new_machine_is_told_what_the_first_start_makes_and_nothing_is_made(stored: Stored) -> None:
    assert [found(name).level for name in ("keys", "database", "keys folder")] == ["warn", "warn", "warn"]
    assert not stored.data.exists()
    assert not stored.keys.exists()


def test_keys_that_do_not_fit_the_database_must_be_mended(stored: Stored) -> None:
    stored.open_case()
    stored.change("INSERT INTO meta VALUES ('installation', 'another')")

    assert found("keys").level == "fail"


def test_locked_keys_are_no_fault_and_nothing_is_claimed_about_people(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.keys.mkdir(mode=0o700)
    monkeypatch.setenv("FENER_KEY_CUSTODY", "passphrase")
    monkeypatch.setenv("FENER_KEYS_PASSPHRASE", "six words that nobody else knows")
    stored.open_sealed_keys("six words that nobody else knows")
    stored.make_tables()
    assert found("keys").level == "ok"

    monkeypatch.setenv("FENER_KEYS_PASSPHRASE", "quite other words than the right ones")
    assert found("keys").level == "warn"
    assert "not looked at" in found("organisations").said


# --- settings and stores -------------------------------------------------------------------------------


def test_an_open_public_url_must_be_mended_where_real_people_write(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found("public URL").level == "ok"
    monkeypatch.setenv("FENER_PUBLIC_URL", "http://help.example.org")
    assert found("public URL").level == "warn"
    monkeypatch.setenv("FENER_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("FENER_KEY_CUSTODY", "file")
    assert found("public URL").level == "fail"
    monkeypatch.setenv("FENER_PUBLIC_URL", "https://help.example.org")
    assert found("public URL").level == "ok"


def test_a_demo_on_a_real_channel_is_a_warning_and_nothing_real_behind_one_must_be_mended(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.open_case()
    assert [found(name).level for name in ("demo", "services", "organisations")] == ["ok", "warn", "warn"]

    monkeypatch.setenv("FENER_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("FENER_KEY_CUSTODY", "file")
    assert [found(name).level for name in ("demo", "services", "organisations")] == ["ok", "fail", "fail"]

    monkeypatch.setenv("FENER_DEMO", "1")
    assert [found(name).level for name in ("demo", "services", "organisations")] == ["warn", "warn", "warn"]


def test_stores_that_do_not_answer_must_be_mended(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    stored.open_case()
    assert found("database").level == "ok"
    assert found("memory store").level == "ok"

    monkeypatch.setenv("FENER_MEMORY_URL", "valkey://user:canary@127.0.0.1:1/0")
    assert found("memory store").level == "fail"
    stored.file.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert found("database").level == "fail"
    monkeypatch.setenv("FENER_DATABASE_URL", "postgresql://fener:canary@127.0.0.1:1/fener")
    assert found("database").level == "fail"
    assert "canary" not in str(diagnose(read_settings(), HOST, SystemClock()))


# --- content and people --------------------------------------------------------------------------------


def test_content_that_the_server_would_refuse_must_be_mended(stored: Stored, tmp_path: Path) -> None:
    assert found("content").level == "ok"
    write(tmp_path / "content", {"flows/housing.yaml": HOUSING.replace("go: person", "go: persn")})

    assert found("content").level == "fail"
    assert found("content").said.startswith("1 error:")


@pytest.mark.parametrize(("days", "level"), [(-1, "warn"), (3, "warn"), (200, "ok")])
def test_facts_that_lapsed_or_will_are_counted(stored: Stored, tmp_path: Path, days: int, level: str) -> None:
    expires = (datetime.now(UTC) + timedelta(days=days)).date()  # noqa: TID251  # content is judged by the real day
    facts = (
        "facts:\n  water:\n    text: Water is free.\n    source: a page\n    checked on: 2020-01-01\n"
        f"    checked by: editor-a\n    expires on: {expires}\n    state: reviewed\n"
    )
    write(tmp_path / "content", {"flows/housing.yaml": HOUSING + facts})

    assert found("facts").level == level


def test_who_can_receive_a_case_is_said_of_each_organisation() -> None:
    pinned = Settings(keyrings={"rs-example": "f", "pt-example": "f", "ba-example": "f", "me-example": "f"})
    staffed = [
        Staffing("rs-example", "Example", keys=2, on_duty=1),
        Staffing("pt-example", "Example", keys=1, on_duty=1),
        Staffing("ba-example", "Example", keys=2, on_duty=0),
    ]

    told = list(staffed_findings(pinned, staffed))

    assert [each.level for each in told] == ["ok", "warn", "warn", "warn"]
    assert "me-example is pinned" in told[-1].said


# --- the command ---------------------------------------------------------------------------------------


def doctor(tmp_path: Path, *words: str, **settings: str) -> tuple[int, str, str]:
    """In a process of its own, because it is hardened."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FENER_")}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "doctor", *words],
        cwd=tmp_path,
        env={**kept, "PYTHONPATH": str(ROOT), "FENER_CONTENT_DIR": str(ROOT), **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_demo_on_a_fresh_machine_has_nothing_that_must_be_mended(tmp_path: Path) -> None:
    code, out, errors = doctor(tmp_path)

    assert code == 0, out
    assert errors.startswith("0 to mend, ")
    lines = out.splitlines()
    assert all(line.startswith(("ok    ", "warn  ", "      mend: ")) for line in lines)
    assert all(after.startswith("      mend: ") for line, after in pairwise(lines) if line[:4] == "warn")


def test_no_secret_is_printed_and_a_real_channel_without_people_fails(tmp_path: Path) -> None:
    code, out, errors = doctor(
        tmp_path,
        "--json",
        FENER_TELEGRAM_TOKEN=TOKEN,
        FENER_KEY_CUSTODY="passphrase",
        FENER_KEYS_PASSPHRASE="canary canary canary canary",
        FENER_DATABASE_URL="postgresql://fener:canary@127.0.0.1:1/fener",
        FENER_METRICS_TOKEN="canary",
    )

    assert code == 1
    assert "canary" not in out + errors
    shape = json.loads(out)
    assert {"check", "level", "said", "mend"} == set(shape[0])
    assert {each["check"] for each in shape if each["level"] == "fail"} >= {"database", "services"}


def test_settings_that_are_refused_are_a_finding_with_their_mend(tmp_path: Path) -> None:
    code, out, _ = doctor(tmp_path, FENER_SESSION_IDLE_MINUTES="900")

    assert code == 1
    assert out.startswith("fail  settings: they are refused\n      mend: FENER_SESSION_IDLE_MINUTES:")
