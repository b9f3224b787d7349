"""`fener doctor` looks at the server that runs, as the kernel shows it, and asks for what the unit and the container do."""

import configparser
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.cli.confinement import Confinement, check_confinement, read_confinement
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
FILES = ROOT / "docs" / "how-to" / "files"
SHUT_IN = Confinement(
    process=77,
    root=False,
    new_privileges=False,
    capabilities=0,
    filtered=True,
    core_limit="0",
    swapped=0,
    writable=False,
    shared_tmp=False,
)
REAL = Settings.model_validate({"telegram_token": "123456789:AAE-canary_token", "key_custody": "passphrase"})
STATUS = "Name:\tfener\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nVmSwap:\t{swap} kB\nCapEff:\t{caps}\nNoNewPrivs:\t{nnp}\nSeccomp:\t{mode}\n"
STRICT = "20 1 8:1 / / ro,relatime - ext4 x rw\n21 20 8:2 / /var/lib/fener rw - ext4 x rw\n22 20 0:9 / /tmp rw - tmpfs x rw\n"
OPEN = "20 1 8:1 / / rw,relatime - ext4 x rw\n"


def a_process(proc: Path, number: str, *words: str, mounts: str, core: str = "0", **status: object) -> None:
    folder = proc / number
    folder.mkdir(parents=True)
    shown = {"uid": 998, "swap": 0, "caps": "0000000000000000", "nnp": 1, "mode": 2, **status}
    (folder / "cmdline").write_bytes("\0".join(words).encode() + b"\0")
    (folder / "status").write_text(STATUS.format(**shown))
    (folder / "limits").write_text(f"Max core file size        {core}    {core}    bytes\n")
    (folder / "mountinfo").write_text(mounts)


def test_a_server_in_the_unit_is_found_and_nothing_is_missing(tmp_path: Path) -> None:
    a_process(tmp_path, "self", "fener", "doctor", mounts=OPEN, uid=0, nnp=0, mode=0)
    a_process(tmp_path, "12", "/bin/bash", "-c", "fener serve", mounts=OPEN)
    a_process(
        tmp_path, "77", "/opt/fener/.venv/bin/python", "/opt/fener/.venv/bin/fener", "serve", mounts=STRICT
    )
    a_process(tmp_path, "78", "/usr/bin/python3", "-m", "bot", "serve", mounts=OPEN)

    found = read_confinement(Path("/opt/fener/bot"), proc=tmp_path)

    assert found == SHUT_IN
    [told] = check_confinement(found, REAL)
    assert (told.level, told.mend) == ("ok", "")


def test_without_a_server_this_command_is_looked_at_and_all_that_is_missing_is_named(tmp_path: Path) -> None:
    a_process(
        tmp_path, "self", "fener", "doctor", mounts=OPEN, core="unlimited", uid=0, swap=12, nnp=0, mode=0
    )

    found = read_confinement(Path("/opt/fener/bot"), proc=tmp_path)

    told = {each.check: each for each in check_confinement(found, REAL)}
    assert set(told) == {
        "account",
        "server core dumps",
        "server swap",
        "privileges",
        "system calls",
        "file system",
        "temporary files",
    }
    assert all(each.mend for each in told.values())
    assert {name for name, each in told.items() if each.level == "fail"} == {"account", "server swap"}


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"root": True}, "account"),
        ({"new_privileges": True}, "privileges"),
        ({"capabilities": 1}, "capabilities"),
        ({"filtered": False}, "system calls"),
        ({"core_limit": "unlimited"}, "server core dumps"),
        ({"swapped": 4}, "server swap"),
        ({"writable": True}, "file system"),
        ({"writable": None}, "file system"),
        ({"shared_tmp": True}, "temporary files"),
    ],
)
def test_each_thing_that_is_missing_is_said_with_its_mend(changed: dict[str, object], check: str) -> None:
    [told] = check_confinement(replace(SHUT_IN, **changed), REAL)  # type: ignore[arg-type]  # one field each

    assert told.check == check
    assert told.level != "ok"
    assert told.mend


def test_a_demo_is_not_bothered_and_a_system_without_proc_is_told_so(tmp_path: Path) -> None:
    [demo] = check_confinement(read_confinement(ROOT), Settings())
    [other] = check_confinement(read_confinement(ROOT, proc=tmp_path / "none"), REAL)

    assert demo.level == "ok"
    assert other.level == "warn"


def test_what_nobody_may_look_at_is_not_taken_for_fine(tmp_path: Path) -> None:
    a_process(tmp_path, "77", "fener", "serve", mounts=STRICT)
    (tmp_path / "77" / "mountinfo").unlink()

    found = read_confinement(Path("/opt/fener/bot"), proc=tmp_path)

    assert found is not None
    assert found.writable is None
    assert [each.check for each in check_confinement(found, REAL)] == ["file system"]


# --- what the mends name is what the files do ------------------------------------------------------------


def test_the_unit_does_everything_that_the_doctor_asks_for() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(FILES / "fener.service")
    service = unit["Service"]

    for found in (
        replace(
            SHUT_IN, root=True, core_limit="1", swapped=1, new_privileges=True, filtered=False, writable=True
        ),
        replace(SHUT_IN, capabilities=1, shared_tmp=True),
    ):
        for each in check_confinement(found, REAL):
            name = each.mend.removeprefix("set ").partition("=")[0]
            assert name in service, each.mend
    assert service["LoadCredentialEncrypted"].startswith("fener-keys:")
    assert service["ProtectSystem"] == "strict"
    assert service["MemorySwapMax"] == service["MemoryZSwapMax"] == service["LimitCORE"] == "0"
    assert "@system-service" in (FILES / "fener.service").read_text()


def test_the_container_does_the_same() -> None:
    service = yaml.safe_load((FILES / "compose.yaml").read_text())["services"]["fener"]

    assert service["read_only"]
    assert service["mem_swappiness"] == 0
    assert service["ipc"] == "private"
    assert not service.get("privileged")
    assert "seccomp:unconfined" not in service["security_opt"]
    assert not service["user"].startswith(("0", "root"))


def test_the_proxy_insists_on_https_and_forgets_who_called() -> None:
    proxy = (FILES / "nginx.conf").read_text()

    assert 'Strict-Transport-Security "max-age=31536000; includeSubDomains" always' in proxy
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        assert f'proxy_set_header {name} "";' in proxy
    assert "$remote_addr" not in proxy
    assert "log_format" not in proxy
