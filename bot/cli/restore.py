"""`fener restore FILE`: makes a backup the database, once the keys it belongs to are in place."""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.cli.db import purge_now
from bot.cli.stores import keys_that_are_there, opened_database, sqlite_file
from bot.crypto.keys import ServerKeys
from bot.crypto.wire import LARGEST_INTEGER
from bot.installation import SystemClock
from bot.kernel.errors import StartError
from bot.settings import Settings, read_settings
from bot.storage.backup import Copy, examine, put_back
from bot.storage.keyrings import SqlKeyrings
from bot.storage.retention import SqlRetention
from bot.telemetry.logs import set_up_logs


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fener restore`."""
    parser.add_argument("file", metavar="FILE", help="what 'fener backup' wrote")


def run(args: argparse.Namespace) -> int:
    """Put it back, delete what is past its time meanwhile, and say what is left to do."""
    settings = read_settings()
    set_up_logs(settings.log_level)
    database, file = sqlite_file(settings), Path(args.file)
    copy = examine(file)
    keys = _keys(settings, copy)
    put_back(file, database)
    for known in (keys.audit_heads, keys.audit_floors, keys.ledger_heads):
        for organisation in known.all():
            known.forget(
                organisation
            )  # the chain is shorter now, rightly; organisations compare for themselves
    code = asyncio.run(_finished(settings, keys))
    print(f"{database} holds what {file} held.")
    print(
        "What people erased and organisations changed since that backup is in it again: tell the organisations; "
        "their checkpoints of the audit are ahead of it."
    )
    print(
        "Services that were suspended since that backup are offered again: look at 'fener directory due' first."
    )
    return code


def _keys(settings: Settings, copy: Copy) -> ServerKeys:
    """The keys that the backup belongs to. Raises StartError: `keys.missing`, `keys.other`."""
    keys = keys_that_are_there(settings, SystemClock())
    if keys is None:
        raise StartError(
            "keys.missing",
            f"There are no keys in {settings.keys_path}: put your copy of the keys there first. "
            "Without them nothing in a backup opens.",
        )
    if copy.installation not in {None, keys.installation}:
        raise StartError(
            "keys.other",
            f"The keys in {settings.keys_path} are not the ones that this backup was made with: set FENER_KEYS_DIR.",
        )
    return keys


async def _finished(settings: Settings, keys: ServerKeys) -> int:
    async with opened_database(settings, upgrades=True) as database:
        await SqlRetention(database).expire_access(
            now=LARGEST_INTEGER
        )  # whoever was signed out since stays out
        stored = SqlKeyrings(database)
        behind = [
            organisation
            for organisation, head in keys.heads.all().items()
            if len(await stored.entries(organisation)) < head.version
        ]
    for line in _told(behind, settings):
        print(f"fener restore: {line}", file=sys.stderr)
    return await purge_now(settings)


def _told(behind: list[str], settings: Settings) -> Iterator[str]:
    for organisation in behind:
        yield (
            f"the keyring of {organisation} was changed since this backup, perhaps because somebody left. It gets no "
            "cases until its lead has compared it with you and signed again; only then remove "
            f"{settings.keys_path / 'keyring-heads'}."
        )
