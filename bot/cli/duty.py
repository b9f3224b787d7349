"""On or off duty: a signed statement with an end."""

import argparse
from pathlib import Path

from bot.cli.case import unlocked
from bot.cli.desk_client import DEFAULT_SERVER, default_key_file

_LONGEST = 16


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fener duty`."""
    parser.add_argument("state", choices=["on", "off"])
    parser.add_argument(
        "--hours",
        type=int,
        default=8,
        choices=range(1, _LONGEST + 1),
        metavar="N",
        help="how long, 1 to 16 (default 8)",
    )
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


def run(args: argparse.Namespace) -> int:
    """Sign the statement."""
    client = unlocked(args)
    if args.state == "on":
        print(f"On duty until {client.go_on_duty(args.hours).astimezone():%H:%M}.")
    else:
        client.go_off_duty()
        print("Off duty.")
    return 0
