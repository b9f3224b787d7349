"""Inviting caseworkers: the operator's side of enrolment."""

import argparse
import asyncio

from bot import __version__
from bot.cli.content import load_or_list
from bot.crypto.keyring import Role
from bot.kernel.errors import StartError
from bot.settings import read_settings
from bot.storage.audit import SqlAuditTrail
from bot.storage.database import open_database
from bot.storage.staff import SqlStaffRegister
from bot.telemetry.logs import set_up_logs
from bot.usecases.invite_caseworker import InviteCaseworker
from bot.wiring import SystemClock


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `fener staff`."""
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    invite = commands.add_parser("invite", help="a one-time enrolment link, for 30 minutes")
    invite.add_argument(
        "--org", required=True, metavar="O", help="the organisation, as its file in directory/ is named"
    )
    invite.add_argument(
        "--role",
        default=Role.CASEWORKER.value,
        choices=[role.value for role in Role],
        metavar="R",
        help="lead, caseworker (default) or focal-point",
    )
    invite.add_argument(
        "--server",
        metavar="URL",
        help="the address that caseworkers open (default: FENER_PUBLIC_URL, or http://localhost:8080)",
    )


def run(args: argparse.Namespace) -> int:
    """Print the link."""
    settings = read_settings()
    set_up_logs(settings.log_level)
    library = load_or_list(settings.content_dir)
    if library is None:
        return 1
    members = [member.organisation for member in library.directory.network.members]
    if args.org not in members:
        raise StartError(
            "staff.organisation",
            f"'{args.org}' receives no cases: directory/network.yaml has {', '.join(members) or 'no organisations'}.",
        )
    address = args.server or settings.public_url or "http://localhost:8080"

    async def invite() -> str:
        database = await open_database(settings.database, version=__version__)
        try:
            inviting = InviteCaseworker(
                register=SqlStaffRegister(database), audit=SqlAuditTrail(database), clock=SystemClock()
            )
            return await inviting(args.org, args.role, console=f"{address}/console/")
        finally:
            await database.close()

    print(asyncio.run(invite()))
    return 0
