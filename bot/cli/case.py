"""The caseworker's work on the command line, for those who do not trust a page served by the server."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.cli import duty, referring
from bot.cli.connection import DeskError
from bot.cli.desk_client import (
    KEY_SHOWN,
    DeskClient,
    default_key_file,
    read_keys,
    read_passphrase,
)
from bot.cli.printed_case import as_json, as_text, saved_as_json, saved_as_text
from bot.cli.saved_case import open_case_file, save_case_file
from bot.cli.signed_in import add_connection, unlocked
from bot.cli.terminal import shown
from bot.crypto.signing import key_id
from bot.crypto.wire import from_base64
from bot.crypto.words import fingerprint_words, make_passphrase
from bot.handoff.declining import REASONS

_HOUR = 3600


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `fener case`."""
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    enrol = commands.add_parser("enrol", help="make your keys on this machine with a one-time link")
    enrol.add_argument(
        "--invite",
        required=True,
        metavar="LINK",
        help="the link you were given; it works once, for 30 minutes",
    )
    enrol.add_argument(
        "--alias", default="Caseworker", help="your work name, as people and colleagues see it"
    )
    add_connection(enrol)
    listed = commands.add_parser("list", help="open cases of your organisation, most urgent first")
    listed.add_argument("--json", action="store_true", help="for programs")
    add_connection(listed)
    opened = commands.add_parser("open", help="read a case; it is opened on this machine")
    opened.add_argument("case", nargs="?", metavar="CASE", help="its two words, or the beginning of its id")
    opened.add_argument(
        "--file", type=Path, metavar="FILE", help="what 'export' saved: opened without any server"
    )
    opened.add_argument("--json", action="store_true", help="for programs")
    add_connection(opened)
    export = commands.add_parser("export", help="save a locked copy of a case, which opens without a server")
    export.add_argument("case", metavar="CASE")
    export.add_argument("--to", type=Path, required=True, metavar="FILE", help="a file that is not there yet")
    add_connection(export)
    reply = commands.add_parser("reply", help="answer; sealed and signed on this machine")
    reply.add_argument("case", metavar="CASE")
    reply.add_argument("text", metavar="TEXT", help="what to say; '-' reads it from standard input")
    reply.add_argument(
        "--wishes-read",
        action="store_true",
        help="you read what the person said about interpreters; the first reply needs it where they said something",
    )
    add_connection(reply)
    decline = commands.add_parser(
        "decline", help="your organisation cannot take a case: the person hears it and is asked about another"
    )
    decline.add_argument("case", metavar="CASE")
    decline.add_argument("--reason", required=True, choices=tuple(REASONS), help="for colleagues only")
    decline.add_argument("--note", default="", metavar="TEXT", help="more, for colleagues only")
    add_connection(decline)
    for name, purpose in (("claim", "take a case"), ("close", "end a case")):
        command = commands.add_parser(name, help=purpose)
        command.add_argument("case", metavar="CASE")
        add_connection(command)
    referring.add_actions(commands)
    team = commands.add_parser("team", help="who is in your keyring, and who waits for a lead's signature")
    add_connection(team)
    for name, purpose in (
        ("admit", "lead: sign a colleague into the keyring, after comparing words by voice"),
        ("remove", "lead: take somebody who leaves out of the keyring"),
    ):
        change = commands.add_parser(name, help=purpose)
        change.add_argument("key", metavar="KEY", help="the beginning of their key id from 'fener case team'")
        change.add_argument(
            "--out",
            type=Path,
            default=Path("keyring-change.json"),
            metavar="FILE",
            help="where the change is written when a second lead has to sign it",
        )
        add_connection(change)
    share = commands.add_parser("share", help="let a colleague read the open cases that you can read")
    share.add_argument("key", metavar="KEY", help="the beginning of their key id from 'fener case team'")
    add_connection(share)
    cosign = commands.add_parser("cosign", help="second lead: sign a change that the first lead began")
    cosign.add_argument("file", type=Path, metavar="FILE")
    add_connection(cosign)
    duty.add(commands.add_parser("duty", help="on or off duty, as 'fener duty'"))


def run(args: argparse.Namespace) -> int:
    """Do one action."""
    actions = {
        "enrol": _enrol,
        "list": _list,
        "open": _open,
        "export": _export,
        "reply": _reply,
        "decline": _decline,
        "team": _team,
        "admit": _admit,
        "remove": _remove,
        "cosign": _cosign,
        "share": _share,
        "refer": referring.act,
        "send-back": referring.act,
        "duty": duty.run,
    }
    return actions.get(args.action, _move)(args)


@contextmanager
def _earlier_keys_aside(file: Path) -> Iterator[None]:
    """Room for new keys. The earlier ones stay in use when no new ones were made: a link that was used takes nothing."""
    if not file.exists():
        yield
        return
    aside = file.with_name(f"{file.name}.{int(datetime.now(UTC).timestamp())}")  # noqa: TID251  # this machine's own clock
    file.rename(aside)
    try:
        yield
    finally:
        if file.exists():
            print(f"The keys that were at {file} are now at {aside}.")
        else:
            aside.rename(file)


def _enrol(args: argparse.Namespace) -> int:
    file: Path = args.keys or default_key_file()
    made = ""
    if args.passphrase_file:
        passphrase = read_passphrase(args.passphrase_file, "")
    else:
        passphrase = made = make_passphrase()
    with _earlier_keys_aside(file):
        client, left = DeskClient.enrol(
            args.invite, server=args.server, alias=args.alias, file=file, passphrase=passphrase
        )
    print(f"You are enrolled in {client.organisation}. Your keys are locked in {file}.")
    if made:
        print("\nWrite these six words on paper now. Without them nobody can open your keys, also not us:\n")
        print(f"    {made}\n")
    kind, _, root = left.partition(" ")
    if kind == "member":
        print("You are on duty for 8 hours. Next: fener case list")
    elif kind == "pin":
        print(
            "You founded the keyring of your organisation. Ask the operator to add these lines to fener.toml,"
        )
        print("and read the first eight characters to each other by voice:\n")
        print(f'    [keyrings]\n    {client.organisation} = "{root}"\n')
        print("After the server was started again: fener duty on")
    else:
        print("Now call your lead and read these words to each other; then the lead signs you in:\n")
        print(f"    {' '.join(client.words())}\n")
        print("After that: fener duty on")
    return 0


def _list(args: argparse.Namespace) -> int:
    rows = unlocked(args).cases()
    if args.json:
        print(json.dumps(rows, indent=2))
        return 0
    if not rows:
        print("No open case.")
        return 0
    print(f"{'case':24} {'urgency':8} {'need':18} {'lang':5} {'status':9} {'since':16} {'messages':>8}")
    for row in rows:
        since = datetime.fromtimestamp(int(str(row["opened_hour"])) * _HOUR, UTC).strftime("%Y-%m-%d %H:00")
        mine = "yours" if row["mine"] else _cell(row, "status")
        print(
            f"{_cell(row, 'designation'):24} {_cell(row, 'urgency'):8} {_cell(row, 'need'):18} {_cell(row, 'language'):5} "
            f"{mine:9} {since:16} {_cell(row, 'messages'):>8}"
        )
    return 0


def _cell(row: Mapping[str, object], name: str) -> str:
    return shown(str(row[name]))


def _open(args: argparse.Namespace) -> int:
    if (args.case is None) == (args.file is None):
        raise DeskError("case.which", "Name a case, or a saved copy with --file.")
    if args.file is not None:
        keys = read_keys(args.keys or default_key_file(), args.passphrase_file)
        saved = open_case_file(args.file, keys)
        print(
            json.dumps(saved_as_json(saved), indent=2, ensure_ascii=False)
            if args.json
            else saved_as_text(saved)
        )
        return 0
    client = unlocked(args)
    opened = client.open(client.find(args.case))
    print(json.dumps(as_json(opened), indent=2, ensure_ascii=False) if args.json else as_text(opened))
    return 0


def _export(args: argparse.Namespace) -> int:
    client = unlocked(args)
    save_case_file(args.to, lambda: client.export(client.find(args.case)))
    print(f"Saved, locked, in {args.to}. It opens with your keys only: fener case open --file {args.to}")
    print("The audit says that you did. What the person erases later stays in this file: delete it in time.")
    return 0


def _reply(args: argparse.Namespace) -> int:
    text = sys.stdin.read().strip() if args.text == "-" else args.text.strip()
    if not text:
        raise DeskError("reply.empty", "Write what to say, or '-' and the text on standard input.")
    client = unlocked(args)
    opened = client.open(client.find(args.case))
    if client.reply(opened, text, wishes_read=args.wishes_read):
        print("Sent: the chat is live.")
    else:
        print(
            f"Locked and waiting. It comes with the person's next message, until {opened.reachable_until:%Y-%m-%d}."
        )
    return 0


def _decline(args: argparse.Namespace) -> int:
    client = unlocked(args)
    client.decline(client.open(client.find(args.case)), args.reason, args.note)
    print(
        "Declined and closed here. The person hears that you cannot take it, no reason, and is asked before it goes elsewhere."
    )
    return 0


def _move(args: argparse.Namespace) -> int:
    client = unlocked(args)
    case = client.find(args.case)
    if args.action == "claim":
        client.claim(case)
        print("This case is yours.")
    else:
        client.close(case)
        print("Closed. Waiting replies can still be collected; then nothing ties the case to its person.")
    return 0


def _team(args: argparse.Namespace) -> int:
    keyring, waiting = unlocked(args).team()
    print(
        f"{keyring.organisation_name}: keyring version {keyring.version}, valid until {keyring.expires:%Y-%m-%d}"
    )
    for member in keyring.members:
        print(f"  {member.kid[:8]}  {member.role.value:12} {shown(member.alias)}")
    for each in waiting:
        public = from_base64(str(each["identity_public"]), "staff")
        words = " ".join(fingerprint_words(public))
        print(
            f"  {key_id(public)[:KEY_SHOWN]}  {shown(str(each['role'])):12} {shown(str(each['alias']))}  WAITS: {words}"
        )
    if waiting:
        print("\nCall each of them, compare the words, then: fener case admit KEY")
    return 0


def _admit(args: argparse.Namespace) -> int:
    alias, unfinished = unlocked(args).admit(args.key)
    if unfinished is None:
        print(f"{shown(alias)} is in the keyring and can receive cases.")
        return 0
    return _to_second_lead(args.out, unfinished)


def _remove(args: argparse.Namespace) -> int:
    alias, unfinished = unlocked(args).remove(args.key)
    if unfinished is None:
        print(
            f"{shown(alias)} is out of the keyring: no later case is sealed to them. They keep what they read."
        )
        return 0
    return _to_second_lead(args.out, unfinished)


def _to_second_lead(out: Path, change: bytes) -> int:
    out.write_bytes(change)
    print(f"Two leads have to sign this. Give {out} to the other one, who runs: fener case cosign {out.name}")
    return 0


def _cosign(args: argparse.Namespace) -> int:
    try:
        change = args.file.read_bytes()
    except OSError:
        raise DeskError("keyring.file", f"{args.file} cannot be read.") from None
    client = unlocked(args)
    print("\n".join(client.told(change)))
    print("\nSign this? Type yes: ", end="", flush=True)
    if sys.stdin.readline().strip().casefold() != "yes":
        raise DeskError("keyring.unsigned", "Nothing was signed.")
    client.cosign(change)
    print("Signed by both leads, and in force.")
    return 0


def _share(args: argparse.Namespace) -> int:
    shared = unlocked(args).share(args.key)
    if shared.cases:
        print(f"{shown(shared.alias)} can read {_cases(shared.cases)} now, with all that came before.")
    else:
        print(f"There is no open case that you can read and {shown(shared.alias)} cannot.")
    if shared.unreadable:
        print(f"You cannot read {_cases(shared.unreadable)} yourself: ask a colleague to share too.")
    return 0


def _cases(number: int) -> str:
    return "one open case" if number == 1 else f"{number} open cases"
