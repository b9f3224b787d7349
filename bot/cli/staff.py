"""Who works here: the operator's side of enrolment, and of its end."""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot import __version__
from bot.cli.content import load_or_list
from bot.cli.stores import keys_that_are_there
from bot.cli.terminal import shown
from bot.crypto.keys import ServerKeys
from bot.handoff.roles import StaffRole
from bot.installation import SystemClock
from bot.kernel.errors import RefusedError, StartError
from bot.ports import StaffRow
from bot.settings import Settings, read_settings
from bot.storage.audit import SqlAuditTrail
from bot.storage.database import Database, open_database
from bot.storage.staff import SqlStaffRegister, SqlStaffSessions
from bot.telemetry.logs import set_up_logs
from bot.usecases.dismiss_staff import DismissStaff
from bot.usecases.invite_caseworker import InviteCaseworker
from bot.wiring import destroying_wraps

_KEY_SHOWN = 16
_T = TypeVar("_T")


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `fener staff`."""
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    invite = commands.add_parser("invite", help="a one-time enrolment link, for 30 minutes")
    invite.add_argument(
        "--role",
        default=StaffRole.CASEWORKER.value,
        choices=[role.value for role in StaffRole],
        metavar="R",
        help=f"{', '.join(StaffRole)} (default caseworker)",
    )
    invite.add_argument(
        "--server",
        metavar="URL",
        help="the address that caseworkers open (default: FENER_PUBLIC_URL, or http://localhost:8080)",
    )
    listed = commands.add_parser("list", help="everybody of an organisation who can sign in")
    listed.add_argument("--json", action="store_true", help="for programs")
    remove = commands.add_parser(
        "remove", help="end somebody's access at once: signed out, and nothing is sealed to them any more"
    )
    remove.add_argument("key", metavar="KEY", help="the beginning of their key id from 'fener staff list'")
    for command in (invite, listed, remove):
        command.add_argument(
            "--org", required=True, metavar="O", help="the organisation, as its file in directory/ is named"
        )


def run(args: argparse.Namespace) -> int:
    """Do one action."""
    settings = read_settings()
    set_up_logs(settings.log_level)
    actions = {"invite": _invite, "list": _list, "remove": _remove}
    return actions[args.action](args, settings)


def _invite(args: argparse.Namespace, settings: Settings) -> int:
    """Print the link."""
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

    async def invite(database: Database) -> str:
        inviting = InviteCaseworker(
            register=SqlStaffRegister(database), audit=SqlAuditTrail(database), clock=SystemClock()
        )
        return await inviting(args.org, args.role, console=f"{address}/console/")

    print(_with_database(settings, invite))
    return 0


def _list(args: argparse.Namespace, settings: Settings) -> int:
    """Print everybody: the beginning of the key id, role and work name."""

    async def people(database: Database) -> Sequence[StaffRow]:
        return await SqlStaffRegister(database).of(args.org)

    rows = _with_database(settings, people)
    if args.json:
        told = [{"key": row.identity_kid, "role": row.role, "alias": row.alias} for row in rows]
        print(json.dumps(told, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row.identity_kid[:_KEY_SHOWN]}  {row.role:<16}  {shown(row.alias)}")
    if not rows:
        print(f"Nobody of '{args.org}' is enrolled.")
    return 0


def _remove(args: argparse.Namespace, settings: Settings) -> int:
    """End somebody's access."""
    keys = _keys_unasked(settings)

    async def remove(database: Database) -> StaffRow:
        dismiss = DismissStaff(
            register=SqlStaffRegister(database),
            sessions=SqlStaffSessions(database),
            wraps=destroying_wraps(database, keys, SystemClock()),
            staffing=None,
            audit=SqlAuditTrail(database),
            clock=SystemClock(),
        )
        return await dismiss.remove(args.org, args.key)

    try:
        gone = _with_database(settings, remove)
    except RefusedError:
        raise StartError(
            "staff.unknown",
            f"Nobody, or more than one, has this key: see 'fener staff list --org {args.org}'.",
        ) from None
    print(f"{shown(gone.alias)} is signed out, and nothing is sealed to them any more.")
    if keys is None:
        print(
            "The keys were not opened here: what was sealed to their older weekly keys, the server destroys within the hour."
        )
    print("A lead takes them out of the keyring with 'fener case remove'.")
    return 0


def _keys_unasked(settings: Settings) -> ServerKeys | None:
    """The server's keys where they open without a passphrase being typed: removing somebody does not wait for one."""
    if settings.custody == "passphrase" and settings.keys_passphrase is None:
        return None
    try:
        return keys_that_are_there(settings, SystemClock())
    except StartError:
        return None


def _with_database(settings: Settings, work: Callable[[Database], Awaitable[_T]]) -> _T:
    async def working() -> _T:
        database = await open_database(settings.database, version=__version__)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(working())
