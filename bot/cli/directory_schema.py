"""`fener directory schema`: what editors need to complete, explain and underline the directory's files."""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from bot.content.directory_folder import FOLDER, read_vocabulary
from bot.directory.json_schema import FILES, schema_of
from bot.settings import read_settings

FINE: Final = 0
USAGE: Final = 2


def add_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments of `fener directory schema`."""
    parser = actions.add_parser(
        "schema", help="write the JSON Schemas that editors complete and underline with"
    )
    parser.add_argument("--to", metavar="DIR", help="folder to write them to (default: directory/schema)")
    parser.add_argument(
        "--content", metavar="DIR", help="folder holding directory/ (default: FENER_CONTENT_DIR)"
    )
    parser.set_defaults(act=run_schema)


def run_schema(args: argparse.Namespace) -> int:
    """Write one schema for each kind of file; ids of the taxonomy and the places come in as proposals."""
    root = Path(args.content) if args.content else read_settings().content_dir
    folder = Path(args.to) if args.to else root / FOLDER / "schema"
    if not root.is_dir():
        print(f"fener directory schema: there is no folder {root}", file=sys.stderr)
        return USAGE
    taxonomy, places = read_vocabulary(root)
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        schema = schema_of(file, taxonomy, places)
        path = folder / f"{file}.json"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", "utf-8")
        print(path)
    return FINE
