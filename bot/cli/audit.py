"""`fener audit verify`: recomputes each organisation's hash chain and tells the first line that does not fit.

A chain shows lines that were changed, moved or taken from its middle. It cannot show lines cut off at its end, nor a
chain that somebody who can write the database made anew.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from bot.cli.stores import opened_database
from bot.settings import Settings, read_settings
from bot.storage.inspection import Chain, SqlInspection
from bot.telemetry.logs import set_up_logs

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `fener audit`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    verify = actions.add_parser(
        "verify",
        help="recompute the chains",
        description="Recompute each organisation's chain. Lines cut off at the end of a chain cannot be seen from it.",
    )
    verify.add_argument("--org", metavar="O", help="only this organisation (default: all)")


def run(args: argparse.Namespace) -> int:
    """Verify; 0 every line fits, 1 one does not, 2 there is no such organisation."""
    settings = read_settings()
    set_up_logs(settings.log_level)
    chains = asyncio.run(_chains(settings))
    if args.org is not None:
        known = ", ".join(chain.organisation for chain in chains) or "none"
        chains = [chain for chain in chains if chain.organisation == args.org]
        if not chains:
            print(
                f"fener audit verify: '{args.org}' has no audit chain; there are: {known}.", file=sys.stderr
            )
            return USAGE
    for chain in chains:
        print(_told(chain), file=sys.stdout if chain.broken is None else sys.stderr)
    if not chains:
        print("Nothing was written yet.")
    return FAULTY if any(chain.broken is not None for chain in chains) else FINE


async def _chains(settings: Settings) -> Sequence[Chain]:
    async with opened_database(settings) as database:
        return await SqlInspection(database).chains()


def _told(chain: Chain) -> str:
    if chain.broken is not None:
        return (
            f"{chain.organisation}: line {chain.broken} does not fit what stands before it: "
            "the chain was changed there; compare with a backup."
        )
    lines = "1 line fits" if chain.lines == 1 else f"{chain.lines} lines fit"
    gone = f", from line {chain.first} on; those before went with time" if chain.first else ""
    return f"{chain.organisation}: {lines}{gone}"
