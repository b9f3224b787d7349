"""`fener translations`: the template of all texts, each language's files brought up to date, how far each one is."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.cli.check import as_text
from bot.cli.content import print_problems
from bot.content.folders import Content, read_content
from bot.content.translations_folder import TRANSLATIONS
from bot.content.translators import (
    FLOWS_POT,
    UI_PO,
    LanguageStanding,
    Update,
    flows_pot,
    rescue,
    standings,
    to_translate,
    update,
)
from bot.i18n.po import parse_po
from bot.i18n.reviews import Standing
from bot.kernel.problems import Problem
from bot.settings import read_settings

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2

_UNDER_FLOWS: Final = "flows/"
_LATER: Final = frozenset({"F503", "F505"})
"""Too long texts and labels: those of a translation are reported at the flow too, and mended by an update."""


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `fener translations`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    extract = actions.add_parser("extract", help="write translations/flows.pot from the flows and facts")
    renew = actions.add_parser("update", help="bring the files of languages up to date; texts are kept")
    page = actions.add_parser("rescue", help="write rescue.md: twelve sentences for a native reader")
    look = actions.add_parser("check", help="every problem of one language, with its mend")
    status = actions.add_parser("status", help="how far each language is and who reviewed it")
    for action in (renew, page):
        action.add_argument("languages", nargs="*", metavar="LANG", help="codes; all languages unless given")
    look.add_argument("language", metavar="LANG", help="code of the language")
    status.add_argument("--json", action="store_true", help="for programs")
    for action in (extract, renew, page, look, status):
        action.add_argument(
            "--content",
            metavar="DIR",
            help="folder holding flows/, directory/, translations/ (default: FENER_CONTENT_DIR)",
        )


def run(args: argparse.Namespace) -> int:
    """Do one of the actions; 0 fine, 1 faults in the content, 2 an unknown language or folder."""
    root = Path(args.content) if args.content else read_settings().content_dir
    if not root.is_dir():
        print(f"fener translations: there is no folder {root}", file=sys.stderr)
        return USAGE
    today = datetime.now(UTC).date()  # noqa: TID251 - a command of the operator, not a turn
    content = read_content(root, today=today)
    if args.action == "status":
        return _status(content, as_json=args.json)
    if args.action == "check":
        return _check(content, args.language)
    broken = [one for one in content.problems if one.severity == "error" and _is_source(one)]
    if broken:
        print_problems(broken)
        return FAULTY
    return _extract(content, root) if args.action == "extract" else _renew(content, root, args)


def _extract(content: Content, root: Path) -> int:
    (root / FLOWS_POT).parent.mkdir(exist_ok=True)
    (root / FLOWS_POT).write_text(flows_pot(content), "utf-8")
    print(f"{FLOWS_POT} is up to date")
    return FINE


def _renew(content: Content, root: Path, args: argparse.Namespace) -> int:
    languages: Sequence[str] = args.languages or to_translate(content)
    if not _all_known(content, languages):
        return USAGE
    return _write(content, root, languages, texts_too=args.action == "update")


def _is_source(problem: Problem) -> bool:
    """Whether a problem is one of the English texts, which would leave texts out."""
    return problem.mark.file.startswith(_UNDER_FLOWS) and problem.code not in _LATER


def _all_known(content: Content, languages: Sequence[str]) -> bool:
    known = to_translate(content)
    unknown = [code for code in languages if code not in known]
    if unknown:
        print(
            f"fener translations: not to be translated: {', '.join(unknown)}; add the language to "
            f"{TRANSLATIONS}/languages.yaml, or use one of: {', '.join(known)}",
            file=sys.stderr,
        )
    return not unknown


def _write(content: Content, root: Path, languages: Sequence[str], *, texts_too: bool) -> int:
    """Write the files of each language; a file that cannot be read whole is left as it is."""
    failed = False
    for code in languages:
        updates, problems = update(content, root, code)
        if problems:
            print_problems(problems)
            failed = True
            continue
        ui = next(one.text for one in updates if one.path.endswith(UI_PO))
        written, _ = parse_po(ui, UI_PO)
        wanted = [*(updates if texts_too else ()), rescue(content, code, written)]
        for one in wanted:
            _put(root, one)
    return FAULTY if failed else FINE


def _put(root: Path, one: Update) -> None:
    file = root / one.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(one.text, "utf-8")
    changes = [
        f"{number} {what}"
        for number, what in ((one.new, "new"), (one.changed, "out of date"), (one.dropped, "dropped"))
        if number
    ]
    print(f"{one.path}: {', '.join(changes) or 'up to date'}")


def _check(content: Content, language: str) -> int:
    if not _all_known(content, [language]):
        return USAGE
    here = f"{TRANSLATIONS}/{language}/"
    found = [one for one in content.problems if one.mark.file.startswith(here)]
    for problem in found:
        print(as_text(problem), end="")
    errors = sum(one.severity == "error" for one in found)
    print(f"{language}: {errors} errors, {len(found) - errors} warnings", file=sys.stderr)
    return FAULTY if errors else FINE


def _status(content: Content, *, as_json: bool) -> int:
    found = standings(content)
    if as_json:
        print(json.dumps([_as_json(one) for one in found], ensure_ascii=False, indent=2))
        return FINE
    for one in found:
        print(f"{one.code}  {one.name}  {'offered' if one.offered else 'not offered yet'}")
        for title, part in (("flows", one.flows), ("engine", one.ui), ("rescue sentences", one.rescue)):
            print(f"    {title}: {_in_words(part)}")
    return FINE


def _as_json(one: LanguageStanding) -> dict[str, object]:
    parts = {"flows": one.flows, "ui": one.ui, "rescue": one.rescue}
    return {
        "language": one.code,
        "name": one.name,
        "offered": one.offered,
        **{name: _part_as_json(part) for name, part in parts.items()},
    }


def _part_as_json(part: Standing) -> dict[str, object]:
    reviewers = [
        {"name": name, "texts": texts, "last": last} for name, (texts, last) in part.reviewers.items()
    ]
    return {**asdict(part), "reviewers": reviewers}


def _in_words(part: Standing) -> str:
    words = f"{part.translated} of {part.total} translated, {part.unreviewed} of them unreviewed"
    words += f", {part.fuzzy} out of date" if part.fuzzy else ""
    words += f", {part.unnamed} reviewed by nobody named" if part.unnamed else ""
    readers = [f"{name} ({texts}, last {last})" for name, (texts, last) in part.reviewers.items()]
    return words + (f"; reviewed by {', '.join(readers)}" if readers else "")
