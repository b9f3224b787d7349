"""What `fener doctor` asks of the machine: folders, keys, core dumps, swap, clock, time zones."""

import os
import resource
import stat
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from bot.cli.stores import database_file
from bot.directory.hours import zone_exists
from bot.settings import Settings

Level = Literal["ok", "warn", "fail"]

RELEASED: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock can rightly stand before this version was made."""

_AHEAD: Final = timedelta(hours=1)  # how far a file may lie in the future, for clocks that were set
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_IN_MEMORY: Final = "/dev/zram"
_ALWAYS: Final = "Europe/Belgrade"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` is empty where nothing is to be done."""

    check: str
    level: Level
    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Host:
    """The machine as this process finds it, after it was hardened as the server is.

    `core_limit` is in bytes; `dumpable` None where the system has no such thing; `swaps` are active swap areas on a disk;
    `swap_limit` is what this process may use of them, None without a limit.
    """

    now: datetime
    core_limit: int
    dumpable: bool | None
    swaps: tuple[str, ...]
    swap_limit: int | None


def read_host(now: datetime, *, proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> Host:
    """This machine. Hardens this process: no core dumps, no reading of its memory by others."""
    from bot.cli.serve import harden

    swap_limit = _swap_limit(proc, groups)
    swaps = _swaps(proc)
    harden()
    return Host(now, resource.getrlimit(resource.RLIMIT_CORE)[1], _dumpable(), swaps, swap_limit)


def check_host(host: Host, settings: Settings, zones: Collection[str]) -> Iterator[Finding]:
    """Everything about the machine and its folders; `zones` are those that opening hours name."""
    yield from _data(settings)
    yield from _keys(settings)
    yield _core_dumps(host)
    yield _readable_memory(host)
    yield _swap(host)
    yield _clock(host, settings)
    yield _zones({*zones, _ALWAYS})


# --- folders -------------------------------------------------------------------------------------------


def _data(settings: Settings) -> Iterator[Finding]:
    folder, file = settings.data_dir, database_file(settings)
    if not folder.is_dir():
        yield Finding(
            "data folder", "ok", f"{folder} is not there yet; the first start makes it, closed to others"
        )
        return
    yield _closed("data folder", folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            "data folder",
            "fail",
            f"{folder} cannot be written",
            "check its disk and owner, or set FENER_DATA_DIR",
        )
    if file is not None and file.exists():
        yield _closed("database file", file)


def _keys(settings: Settings) -> Iterator[Finding]:
    folder = settings.keys_path
    if settings.real_channel and settings.custody == "file":
        yield Finding(
            "key custody",
            "warn",
            "the keys lie open in files, and real people can write: whoever copies the disk has them",
            "use FENER_KEY_CUSTODY=passphrase or credential for a new installation",
        )
    else:
        yield Finding("key custody", "ok", settings.custody)
    if not folder.is_dir():
        yield Finding("keys folder", "warn", f"{folder} is not there yet", "the first start makes the keys")
        return
    yield _closed("keys folder", folder)
    for path in sorted((*folder.glob("*.key"), *folder.glob("*.sealed"))):
        found = _closed("key file", path)
        if found.level != "ok":
            yield found
    yield _apart(settings)


def _apart(settings: Settings) -> Finding:
    """Keys and data on one disk: one snapshot takes both."""
    keys, data = settings.keys_path, settings.data_dir
    if database_file(settings) is None:
        return Finding("keys apart", "ok", "the data are in PostgreSQL; keep its backups away from the keys")
    if data.is_dir() and keys.stat().st_dev == data.stat().st_dev:
        return Finding(
            "keys apart",
            "warn",
            "keys and data lie on the same disk: one snapshot takes both",
            "set FENER_KEYS_DIR to a folder on another disk, and keep it out of the data's backups",
        )
    return Finding("keys apart", "ok", "keys and data lie on different disks")


def _closed(check: str, path: Path) -> Finding:
    """Whether nobody but its owner can look into a folder or file."""
    state = path.stat()
    wanted = 700 if path.is_dir() else 600
    if state.st_mode & _OTHERS:
        return Finding(check, "fail", f"others can look into {path}", f"run 'chmod {wanted} {path}'")
    if state.st_uid != os.geteuid():
        return Finding(
            check,
            "warn",
            f"{path} belongs to another account than this command runs under",
            "run the doctor as the server's account, or 'chown' it",
        )
    return Finding(check, "ok", f"only its owner can look into {path}")


# --- memory --------------------------------------------------------------------------------------------


def _core_dumps(host: Host) -> Finding:
    if host.core_limit == 0:
        return Finding("core dumps", "ok", "the server writes none")
    return Finding(
        "core dumps", "fail", "the server could write its memory to a disk", "set LimitCORE=0 in its unit"
    )


def _readable_memory(host: Host) -> Finding:
    if host.dumpable is None:
        mend = "run it on Linux, where a process can shut its memory to others"
        return Finding("memory", "warn", "other programs of this account may read the server's memory", mend)
    if host.dumpable:
        mend = "allow prctl(PR_SET_DUMPABLE) where the server runs"
        return Finding("memory", "fail", "other programs of this account can read the server's memory", mend)
    return Finding("memory", "ok", "other programs of this account cannot read the server's memory")


def _swap(host: Host) -> Finding:
    if not host.swaps:
        return Finding("swap", "ok", "no swap on a disk")
    if host.swap_limit == 0:
        return Finding("swap", "ok", "there is swap, and this process may not use it")
    return Finding(
        "swap",
        "warn",
        f"swap is on ({', '.join(host.swaps)}): keys in memory can reach a disk",
        "set MemorySwapMax=0 in the unit, or run 'swapoff -a', or encrypt the swap",
    )


def _swaps(proc: Path) -> tuple[str, ...]:
    areas = [line.split()[0] for line in _text(proc / "swaps").splitlines()[1:] if line.strip()]
    return tuple(area for area in areas if not area.startswith(_IN_MEMORY))


def _swap_limit(proc: Path, groups: Path) -> int | None:
    """`memory.swap.max` of our group and those around it: the least counts. Source: kernel.org, cgroup-v2."""
    own = next(
        (line[3:] for line in _text(proc / "self" / "cgroup").splitlines() if line.startswith("0::")), ""
    )
    limits = []
    folder = groups / own.strip("/")
    while groups in (folder, *folder.parents):
        text = _text(folder / "memory.swap.max").strip()
        limits += [int(text)] if text.isdecimal() else []
        folder = folder.parent
    return min(limits, default=None)


def _dumpable() -> bool | None:
    if sys.platform != "linux":
        return None
    import ctypes

    pr_get_dumpable = 3  # prctl(2)
    return bool(ctypes.CDLL(None).prctl(pr_get_dumpable, 0, 0, 0, 0))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


# --- time ----------------------------------------------------------------------------------------------


def _clock(host: Host, settings: Settings) -> Finding:
    """Keys, vettings and facts all lapse by the clock: one that is wrong keeps dead things alive, or kills live ones."""
    mend = "set the system's date, and let it be kept by NTP"
    if host.now < RELEASED:
        return Finding(
            "clock", "fail", f"the clock says {host.now:%Y-%m-%d}, before this version was made", mend
        )
    folders = [folder for folder in (settings.data_dir, settings.keys_path) if folder.is_dir()]
    newest = max((path.stat().st_mtime for folder in folders for path in folder.iterdir()), default=0.0)
    if datetime.fromtimestamp(newest, UTC) > host.now + _AHEAD:
        return Finding("clock", "fail", "files of the data or keys are from a time still to come", mend)
    return Finding("clock", "ok", f"{host.now:%Y-%m-%d %H:%M} UTC")


def _zones(zones: Collection[str]) -> Finding:
    missing = sorted(zone for zone in zones if not zone_exists(zone))
    if missing:
        return Finding(
            "time zones", "fail", f"no data for {', '.join(missing)}", "install the package tzdata"
        )
    return Finding("time zones", "ok", f"data for {', '.join(sorted(zones))}")
