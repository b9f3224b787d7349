"""`fener audit verify`: recomputes each organisation's hash chain and tells the first line that does not fit.

A chain alone shows lines that were changed, moved or taken from its middle. That its end was cut off, or that it was
made anew, shows beside what was remembered of it: by this server in KEYS_DIR, and by whoever kept a checkpoint.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.cli.stores import keys_that_are_there, opened_database
from bot.cli.terminal import shown
from bot.crypto.checkpoint import Checkpoint, Fault, follows, read_checkpoint
from bot.crypto.keys import ServerKeys
from bot.crypto.members import Head
from bot.handoff.case import whole_hour
from bot.handoff.many_cases import TOLD_FOR
from bot.installation import SystemClock
from bot.kernel.audit import AuditEvent, complaints_chain, organisation_of
from bot.kernel.errors import RefusedError, StartError
from bot.ports import CaseRow, StaffRow
from bot.settings import Settings, read_settings
from bot.storage.audit import SqlAuditTrail
from bot.storage.inspection import Chain, SqlInspection, deeds_of
from bot.storage.staff import SqlStaffRegister
from bot.storage.turned_back import stands_otherwise
from bot.telemetry.logs import set_up_logs
from bot.usecases.vouch_for_audit import VouchForAudit

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2

_LARGEST: Final = 16 * 1024  # bytes of a checkpoint


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `fener audit`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    verify = actions.add_parser(
        "verify",
        help="recompute the chains, and compare them with what was remembered of them",
        description="Recompute each organisation's chain, and compare it with what this server and others remember.",
    )
    verify.add_argument("--org", metavar="O", help="only this organisation (default: all)")
    verify.add_argument(
        "--checkpoint",
        metavar="FILE",
        action="append",
        default=[],
        help="also compare with a signed checkpoint that an organisation kept; may be repeated",
    )
    checkpoint = actions.add_parser(
        "checkpoint",
        help="print a signed statement of how far a chain has come",
        description="Print a signed statement of how far an organisation's chain has come, to keep elsewhere.",
    )
    checkpoint.add_argument("--org", metavar="O", required=True, help="the organisation")


def run(args: argparse.Namespace) -> int:
    """Verify; 0 every line fits, 1 one does not, 2 there is no such organisation. Or print a checkpoint."""
    settings = read_settings()
    set_up_logs(settings.log_level)
    if args.action == "checkpoint":
        print(asyncio.run(_checkpoint(settings, args.org)).decode())
        return FINE
    found, cases, staff = asyncio.run(_looked(settings))
    chains = {chain.organisation: chain for chain in found}
    keys = _keys(settings)
    kept = [_read(Path(file), keys) for file in args.checkpoint]
    remembered = keys.audit_heads.all() if keys is not None else {}
    known = sorted({*chains, *remembered, *(each.organisation for each in kept)})
    asked = known if args.org is None else [args.org, complaints_chain(args.org)]
    wanted = [each for each in known if each in asked]
    if args.org is not None and not wanted:
        there = ", ".join(known) or "none"
        print(f"fener audit verify: '{args.org}' has no audit chain; there are: {there}.", file=sys.stderr)
        return USAGE
    faulty = False
    for organisation in wanted:
        chain = chains.get(organisation)
        rows = [row for row in cases if row.organisation == organisation]
        own = (organisation, complaints_chain(organisation))
        deeds = deeds_of(each for each in found if each.organisation in own)
        told = [*_faults(organisation, chain, keys, kept), *_turned_back(organisation, deeds, rows)]
        faulty = faulty or bool(told)
        for line in told or ([_told(chain), *_alarms(chain, staff)] if chain is not None else []):
            print(line, file=sys.stderr if told else sys.stdout)
    if not wanted:
        print("Nothing was written yet.")
    if keys is None and chains:
        print(
            "There are no keys here, so nothing was compared with what this server remembers.",
            file=sys.stderr,
        )
    return FAULTY if faulty else FINE


async def _looked(settings: Settings) -> tuple[Sequence[Chain], Sequence[CaseRow], Sequence[StaffRow]]:
    """The chains, the cases, and who works where anything was noticed."""
    async with opened_database(settings) as database:
        chains, cases = await SqlInspection(database).history()
        register = SqlStaffRegister(database)
        noticed = [each.organisation for each in chains if each.alarms]
        staff = [row for chain in noticed for row in await register.of(organisation_of(chain))]
        return chains, cases, staff


async def _checkpoint(settings: Settings, organisation: str) -> bytes:
    clock = SystemClock()
    keys = keys_that_are_there(settings, clock)
    if keys is None:
        raise StartError("keys.missing", f"There are no keys in {settings.keys_path}: set FENER_KEYS_DIR.")
    async with opened_database(settings) as database:
        vouch = VouchForAudit(audit=SqlAuditTrail(database), keys=keys, clock=clock)
        return (await vouch(organisation)).now


def _keys(settings: Settings) -> ServerKeys | None:
    """The keys; None, and a line that says why, where they do not open."""
    try:
        return keys_that_are_there(settings, SystemClock())
    except StartError as fault:
        print(f"fener audit verify: the keys were not opened. {fault.mend}", file=sys.stderr)
        return None


def _read(file: Path, keys: ServerKeys | None) -> Checkpoint:
    """A checkpoint of this server. Raises StartError."""
    if keys is None:
        raise StartError(
            "keys.missing", "A checkpoint is checked with the server's keys: set FENER_KEYS_DIR."
        )
    try:
        with file.open("rb") as opened:
            return read_checkpoint(opened.read(_LARGEST).strip(), keys.signing.public)
    except OSError:
        raise StartError("checkpoint.file", f"{file} cannot be read: give the file that was kept.") from None
    except RefusedError:
        raise StartError(
            "checkpoint.file", f"{file} holds no checkpoint that this server signed: was it changed?"
        ) from None


def _faults(
    organisation: str, chain: Chain | None, keys: ServerKeys | None, kept: Sequence[Checkpoint]
) -> Iterator[str]:
    """Everything that is wrong with one chain."""
    if chain is not None and chain.broken is not None:
        yield (
            f"{organisation}: line {chain.broken} does not fit what stands before it: "
            "the chain was changed there; compare with a backup."
        )
    floor, remembered = _remembered(organisation, keys)
    earlier: Mapping[str, Head | None] = {
        "what this server remembers": remembered,
        **{
            f"the checkpoint of {each.head.version} lines": each.head
            for each in kept
            if each.organisation == organisation
        },
    }
    for whose, head in earlier.items():
        fault = _compared(head, chain, floor) if head is not None else None
        if fault is not None:
            yield f"{organisation}: {fault} beside {whose}; compare with a backup."


def _turned_back(
    organisation: str, deeds: Mapping[str, Sequence[str]], rows: Sequence[CaseRow]
) -> Iterator[str]:
    """One sentence when cases stand other than recorded: how many, and never which."""
    odd = len(stands_otherwise(rows, deeds))
    if odd:
        yield (
            f"{organisation}: {odd} of {len(rows)} cases stand other than the chain says: "
            "an earlier row was put back, or lines are missing."
        )


def _remembered(organisation: str, keys: ServerKeys | None) -> tuple[int | None, Head | None]:
    """How many lines went with time, and how far the chain had come; None where that is not known."""
    if keys is None:
        return None, None
    head, floor = keys.audit_heads.get(organisation), keys.audit_floors.get(organisation)
    if head is None:
        return None, None
    return floor.version if floor is not None else 0, head


def _compared(earlier: Head, chain: Chain | None, floor: int | None) -> Fault | None:
    if chain is None:
        return follows(earlier, None, floor=0, digest=lambda _: None)
    return follows(
        earlier, chain.span, floor=chain.span.first if floor is None else floor, digest=chain.digest
    )


def _alarms(chain: Chain, staff: Sequence[StaffRow]) -> Iterator[str]:
    """One sentence for each time that a caseworker opened or saved unusually many cases, of these days."""
    oldest = whole_hour(SystemClock().now() - TOLD_FOR)
    for each in chain.alarms:
        if each.hour >= oldest:
            hour = datetime.fromtimestamp((each.hour - 1) * 3600, UTC)
            did = "opened" if each.event is AuditEvent.CASE_READ else "saved"
            who = next((shown(row.alias) for row in staff if row.id == each.who), "somebody who left")
            yield (
                f"{chain.organisation}: {who} {did} {each.cases} cases within the two hours from "
                f"{hour:%Y-%m-%d %H:%M} UTC; a lead should talk to them."
            )


def _told(chain: Chain) -> str:
    lines = "1 line fits" if chain.lines == 1 else f"{chain.lines} lines fit"
    gone = f", from line {chain.first} on; those before went with time" if chain.first else ""
    return f"{chain.organisation}: {lines}{gone}"
