"""`fener directory new`: the file of a new organisation, with every key explained beside it."""

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Final

from bot.content.directory_folder import FOLDER, read_vocabulary
from bot.content.new_organisation import organisation_template
from bot.directory.reading import ID
from bot.settings import read_settings

FINE: Final = 0
USAGE: Final = 2

_COUNTRY: Final = re.compile(r"[A-Z]{2}")


def add_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments of `fener directory new`."""
    parser = actions.add_parser(
        "new", help="write the file of a new organisation, unverified, to be filled in"
    )
    parser.add_argument("organisation", metavar="ORG", help="its id: letters, digits and hyphens; permanent")
    parser.add_argument("--country", required=True, metavar="CC", help="two capital letters; XX for none")
    parser.add_argument("--name", metavar="TEXT", help="its name in English (default: made from the id)")
    parser.add_argument(
        "--service", default="first", metavar="ID", help="the id of its first service (first)"
    )
    parser.add_argument(
        "--need", metavar="N", help="what people find there (default: the first of the taxonomy)"
    )
    parser.add_argument(
        "--content", metavar="DIR", help="folder holding directory/ (default: FENER_CONTENT_DIR)"
    )
    parser.set_defaults(act=run_new)


def run_new(args: argparse.Namespace) -> int:
    """Write the file; 0 written, 2 a word cannot be used or the file is there already."""
    root = Path(args.content) if args.content else read_settings().content_dir
    taxonomy, _ = read_vocabulary(root)
    need = args.need or next(iter(taxonomy.needs), "")
    fault = _fault(args) or (_no_need(need, sorted(taxonomy.needs)) if need not in taxonomy.needs else "")
    path = root / FOLDER / args.country.lower() / f"{args.organisation}.yaml"
    if not fault and os.path.lexists(path):
        fault = f"there is already {path}"
    elsewhere = sorted((root / FOLDER).glob(f"*/{args.organisation}.yaml")) if not fault else []
    if elsewhere:
        fault = f"there is already {elsewhere[0]}"
    if fault:
        print(f"fener directory new: {fault}", file=sys.stderr)
        return USAGE
    name = args.name or args.organisation.partition("-")[2].replace("-", " ").title() or args.organisation
    text = organisation_template(args.organisation, args.country, name, args.service, need)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    print(
        f"{path}: fill it in; the need of its first service is '{need}'. Nobody is told of it before it is vetted."
    )
    return FINE


def _fault(args: argparse.Namespace) -> str:
    for word in (args.organisation, args.service):
        if not ID.fullmatch(word):
            return f"'{word}' is not a usable id; use letters, digits and hyphens"
    if not _COUNTRY.fullmatch(args.country):
        return f"'{args.country}' is not a country; write two capital letters, such as RS"
    return ""


def _no_need(need: str, known: list[str]) -> str:
    if not known:
        return "there is no directory/taxonomy.yaml with needs; write it first, or copy the one that comes with Fener"
    return f"there is no need '{need}'; the needs are: {', '.join(known)}"
