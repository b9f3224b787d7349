"""`fener backup FILE`: a copy of the database while the server works. It holds no key, and opens nothing without them."""

import argparse
from pathlib import Path

from bot.cli.stores import sqlite_file
from bot.kernel.errors import StartError
from bot.settings import read_settings
from bot.storage.backup import back_up
from bot.telemetry.logs import set_up_logs


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fener backup`."""
    parser.add_argument("file", metavar="FILE", help="a file that is not there yet")


def run(args: argparse.Namespace) -> int:
    """Write the copy."""
    settings = read_settings()
    set_up_logs(settings.log_level)
    file = Path(args.file)
    database = sqlite_file(settings)
    if not database.exists():
        raise StartError("database.none", f"There is no database at {database} yet.")
    copy = back_up(database, file)
    cases = "1 case" if copy.cases == 1 else f"{copy.cases} cases"
    print(f"Wrote {file}: tables of revision {copy.revision}, {cases}.")
    print(
        f"It holds no keys. Without a copy of {settings.keys_path}, kept elsewhere, nothing in it opens and nobody "
        "in it can be found. What is erased from now on stays in this file: delete it after a week."
    )
    return 0
