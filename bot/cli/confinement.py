"""What `fener doctor` asks of the running server: how its process is shut in. The unit and the container file do all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from bot.cli.host import Finding
from bot.settings import Settings

_FILES: Final = "docs/how-to/files/fener.service or compose.yaml does all of this"
_FILTERED: Final = "2"  # SECCOMP_MODE_FILTER; proc(5)
_COMMAND: Final = frozenset({"serve"})


@dataclass(frozen=True, slots=True)
class Confinement:
    """A process as the kernel shows it. `process` is None where no server runs and this command was looked at instead.

    `core_limit` and `swapped` are in bytes and kilobytes; `writable` and `shared_tmp` are None where nobody may look.
    """

    process: int | None
    root: bool
    new_privileges: bool
    capabilities: int
    filtered: bool
    core_limit: str
    swapped: int
    writable: bool | None
    shared_tmp: bool | None


def read_confinement(code: Path, *, proc: Path = Path("/proc")) -> Confinement | None:
    """How the server is shut in, or this command where none runs; None where the system has no /proc.

    `code` is a folder that the server has no business writing to: its own.
    """
    server = _server(proc)
    folder = proc / (str(server) if server is not None else "self")
    status = dict(line.partition(":\t")[::2] for line in _text(folder / "status").splitlines())
    if "Uid" not in status:
        return None
    mounts = _mounts(folder)
    return Confinement(
        process=server,
        root=status["Uid"].split()[:1] == ["0"],
        new_privileges=status.get("NoNewPrivs", "0") == "0",
        capabilities=int(status.get("CapEff", "0") or "0", 16),
        filtered=status.get("Seccomp", "0") == _FILTERED,
        core_limit=_limit(folder, "Max core file size"),
        swapped=int((status.get("VmSwap", "0").split() or ["0"])[0]),
        writable=_writable(mounts, code) if mounts else None,
        shared_tmp=not any(point == "/tmp" for point, *_ in mounts) if mounts else None,  # noqa: S108  # nosec B108  # looked at, not used
    )


def check_confinement(found: Confinement | None, settings: Settings) -> Iterator[Finding]:
    """What is missing, for a server that real people write to; a demo needs none of it."""
    if not settings.real_channel:
        yield Finding("confinement", "ok", "not looked at: nobody real writes to a demo")
        return
    if found is None:
        yield Finding(
            "confinement", "warn", "it could not be looked at", "run it on Linux, in the unit or container"
        )
        return
    who = (
        f"the server (process {found.process})"
        if found.process is not None
        else "this command (no server runs)"
    )
    missing = list(_missing(found, who))
    yield from missing
    if not missing:
        yield Finding("confinement", "ok", f"{who} is shut in as the unit asks")


def _missing(found: Confinement, who: str) -> Iterator[Finding]:
    if found.root:
        yield Finding(
            "account", "fail", f"{who} is root: whoever breaks in has the machine", "set User=fener"
        )
    if found.core_limit != "0":
        yield Finding("server core dumps", "warn", f"{who} is not forbidden to dump core", "set LimitCORE=0")
    if found.swapped:
        yield Finding(
            "server swap", "fail", f"{who} has {found.swapped} kB in swap", "set MemorySwapMax=0, restart it"
        )
    if found.new_privileges:
        yield Finding("privileges", "warn", f"{who} may gain privileges; {_FILES}", "set NoNewPrivileges=yes")
    if found.capabilities and not found.root:
        yield Finding(
            "capabilities", "warn", f"{who} holds capabilities", "set CapabilityBoundingSet= to nothing"
        )
    if not found.filtered:
        mend = "set SystemCallFilter=@system-service"
        yield Finding("system calls", "warn", f"{who} may call everything in the kernel", mend)
    if found.writable:
        yield Finding(
            "file system",
            "warn",
            f"{who} can write where its code lies",
            "set ProtectSystem=strict, or read_only",
        )
    if found.shared_tmp:
        yield Finding(
            "temporary files", "warn", f"{who} shares /tmp with others", "set PrivateTmp=yes, or a tmpfs"
        )
    if found.writable is None:
        mend = "run 'fener doctor' as root, or inside the container"
        yield Finding("file system", "warn", f"only root may see what {who} can write to", mend)


def _server(proc: Path) -> int | None:
    """The oldest `fener serve`, or `python -m bot serve`."""
    found = []
    for folder in proc.iterdir() if proc.is_dir() else ():
        if folder.name.isdecimal():
            words = _text(folder / "cmdline").split("\0")
            names = [word.rpartition("/")[2] for word in words[:4]]
            ours = "fener" in names or any(pair == ("-m", "bot") for pair in pairwise(names))
            if ours and _COMMAND & set(words):
                found.append(int(folder.name))
    return min(found, default=None)


def _mounts(folder: Path) -> list[tuple[str, str]]:
    """Mount point and options, of each mount. Source: proc_pid_mountinfo(5)."""
    lines = [line.split() for line in _text(folder / "mountinfo").splitlines()]
    return [(words[4], words[5]) for words in lines if len(words) > 5]  # noqa: PLR2004 - the sixth field


def _writable(mounts: list[tuple[str, str]], code: Path) -> bool:
    """Whether the mount that holds the code is writable: the last one of the longest point counts."""
    holding = [(point, options) for point, options in mounts if code.is_relative_to(point)]
    _, options = (
        max(enumerate(holding), key=lambda each: (len(each[1][0]), each[0]))[1] if holding else ("", "ro")
    )
    return "ro" not in options.split(",")


def _limit(folder: Path, name: str) -> str:
    lines = [line for line in _text(folder / "limits").splitlines() if line.startswith(name)]
    return lines[0].removeprefix(name).split()[1] if lines else "0"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
