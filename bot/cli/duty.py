"""On or off duty: a signed statement with an end."""

import argparse

from bot.cli.signed_in import add_connection, unlocked

_LONGEST = 16


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fener duty`, which is also `fener case duty`."""
    parser.add_argument("state", choices=["on", "off"])
    parser.add_argument(
        "--hours",
        type=int,
        default=8,
        choices=range(1, _LONGEST + 1),
        metavar="N",
        help="how long, 1 to 16 (default 8)",
    )
    add_connection(parser)


def run(args: argparse.Namespace) -> int:
    """Sign the statement."""
    client = unlocked(args)
    if args.state == "on":
        print(f"On duty until {client.go_on_duty(args.hours).astimezone():%H:%M}.")
    else:
        client.go_off_duty()
        print("Off duty.")
    return 0
