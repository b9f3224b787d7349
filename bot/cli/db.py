"""`fener db`: bring the tables up to date, check the database, delete now what is past its time, go on after lost keys."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from bot.cli.stores import keys_that_are_there, opened_database
from bot.crypto.keys import ServerKeys
from bot.installation import SystemClock
from bot.kernel.errors import StartError
from bot.ports import CaseRow
from bot.settings import Settings, read_settings
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk
from bot.storage.epoch_ledger import SqlEpochLedger
from bot.storage.inspection import SqlInspection
from bot.storage.retention import SqlRetention
from bot.storage.return_codes import SqlReturnCodes
from bot.telemetry.logs import set_up_logs
from bot.usecases.purge_expired import PurgeExpired
from bot.usecases.row_integrity import is_ours
from bot.usecases.turn_keys import TurnKeys
from bot.usecases.vouch_for_audit import VouchForAudit
from bot.wiring import destroying_wraps, following_referrals, retention_rules

FINE: Final = 0
FAULTY: Final = 1


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `fener db`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("upgrade", help="make the tables, or bring them to this version; 'serve' does so too")
    actions.add_parser("check", help="whether the database is sound, and every case row one that we wrote")
    actions.add_parser("purge", help="delete now what is past its time, as the server does every hour")
    actions.add_parser(
        "trust-keys",
        help="put the epoch keys of this FENER_KEYS_DIR in force, when no machine has the others any more",
    )


def run(args: argparse.Namespace) -> int:
    """Do it; 0 fine, 1 something is wrong."""
    settings = read_settings()
    set_up_logs(settings.log_level)
    actions = {"upgrade": _upgrade, "check": _check, "purge": purge_now, "trust-keys": _trust_keys}
    return asyncio.run(actions[args.action](settings))


async def _upgrade(settings: Settings) -> int:
    async with opened_database(settings, upgrades=True) as database:
        state = await SqlInspection(database).state()
    print(f"The tables are at revision {state.revision}.")
    return FINE


async def _check(settings: Settings) -> int:
    async with opened_database(settings) as database:
        inspection = SqlInspection(database)
        state = await inspection.state()
        faults = list(await inspection.faults())
        counts = await SqlRetention(database).report()
        cases = await inspection.cases()
        made_with = await inspection.installation()
    print(f"tables: revision {state.revision}, made by Fener {state.written_by or 'of an unknown version'}")
    print(f"rows: {', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}")
    keys = keys_that_are_there(settings, SystemClock())
    if keys is not None and made_with not in {None, keys.installation}:
        faults.append("the keys are not the ones that this database was made with: set FENER_KEYS_DIR")
    faults += _forged(cases, keys)
    for fault in faults:
        print(f"fener db check: {fault}.", file=sys.stderr)
    if faults:
        return FAULTY
    print(f"The database is sound, and every case row ({len(cases)}) is one that this server wrote.")
    return FINE


def _forged(cases: Sequence[CaseRow], keys: ServerKeys | None) -> list[str]:
    """One sentence when rows do not carry our MAC: how many, and never which."""
    if keys is None:
        return ["the keys are missing, so nobody can say who wrote the case rows"] if cases else []
    forged = sum(not _is_ours(keys, row) for row in cases)
    if not forged:
        return []
    return [f"{forged} of {len(cases)} case rows were not written by this server, or under other keys"]


def _is_ours(keys: ServerKeys, row: CaseRow) -> bool:
    try:
        return is_ours(keys, row)
    except TypeError:
        return False  # SQLite holds text where we write bytes: somebody else did


async def purge_now(settings: Settings) -> int:
    """Delete what is past its time, and say what went; 0 fine, 1 an audit chain was changed."""
    clock = SystemClock()
    async with opened_database(settings) as database:
        keys = keys_that_are_there(settings, clock)
        if keys is None:
            raise StartError(
                "keys.missing",
                f"There are no keys in {settings.keys_path}: set FENER_KEYS_DIR to where they are.",
            )
        retention = SqlRetention(database)
        purge = PurgeExpired(
            retention=retention,
            ends=retention,
            desk=SqlCaseDesk(database),
            codes=SqlReturnCodes(database),
            follow=following_referrals(database, keys, clock),
            vouch=VouchForAudit(audit=SqlAuditTrail(database), keys=keys, clock=clock),
            wraps=destroying_wraps(database, keys, clock),
            keys=keys,
            turn_keys=TurnKeys(keys=keys, ledger=SqlEpochLedger(database), clock=clock),
            rules=retention_rules(settings),
            clock=clock,
        )
        gone = await purge()
    notes, cases = _counted(gone.notes, "reply", "replies"), _counted(gone.cases, "case", "cases")
    print(f"Deleted: {notes}, {cases} with all that hung on them.")
    if gone.loose:
        print(f"Cut loose from people who did not come back: {_counted(gone.loose, 'case', 'cases')}.")
    if gone.broken:
        print("fener db purge: an audit chain was changed: run 'fener audit verify'.", file=sys.stderr)
        return FAULTY
    return FINE


async def _trust_keys(settings: Settings) -> int:
    """Put our keys in force in place of lost ones, after a typed yes."""
    clock = SystemClock()
    async with opened_database(settings) as database:
        keys = keys_that_are_there(settings, clock)
        if keys is None or await SqlInspection(database).installation() not in {None, keys.installation}:
            raise StartError(
                "keys.missing",
                f"The keys of this database are not in {settings.keys_path}: set FENER_KEYS_DIR to where they are.",
            )
        ledger = SqlEpochLedger(database)
        lost = keys.lacking(clock.now(), await ledger.recorded())
        if not lost:
            print("Every key in force is here: there is nothing to do.")
            return FINE
        print(f"{settings.keys_path} lacks the key in force of epoch {', '.join(map(str, lost))}.")
        print(
            "Cases named under it can be found and answered by nobody once another key is in force, and every other"
        )
        print(
            "machine has to get the keys of this one. Is it on no machine any more? Type yes: ",
            end="",
            flush=True,
        )
        if sys.stdin.readline().strip().casefold() != "yes":
            raise StartError("keys.behind", "Nothing was changed.")
        async with ledger.deciding():
            for number in lost:
                await ledger.forget(number)
            await TurnKeys(keys=keys, ledger=ledger, clock=clock)()
    print("The keys of this folder are in force. Copy it to every machine of this installation.")
    return FINE


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
