"""Where the server and one's keys are, as options, and the caseworker who is signed in with them."""

import argparse
import sys
from pathlib import Path

from bot.cli.desk_client import DEFAULT_SERVER, DeskClient, default_key_file


def add_connection(parser: argparse.ArgumentParser) -> None:
    """The options of every command that speaks to the server as a caseworker."""
    parser.add_argument(
        "--server",
        metavar="URL",
        help=f"the server's address (default: where you enrolled, or {DEFAULT_SERVER})",
    )
    parser.add_argument(
        "--passphrase-file", metavar="FILE", help="the passphrase of your keys, on the first line"
    )
    parser.add_argument(
        "--keys",
        type=Path,
        default=None,
        metavar="FILE",
        help=f"your locked keys (default: {default_key_file()})",
    )


def unlocked(args: argparse.Namespace) -> DeskClient:
    """The signed-in caseworker of this machine."""
    client = DeskClient.unlock(
        args.keys or default_key_file(), server=args.server, passphrase_file=args.passphrase_file
    )
    if client.warning:
        print(f"fener: {client.warning}", file=sys.stderr)
    return client
