"""`fener directory match`: what a person would be offered, why, and what was left out; `due`: what to vet next.

`export` and `import` exchange the directory; each format is a module of its own.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from babel import Locale

from bot.cli import directory_duplicates, directory_new, directory_schema, directory_unmet, vetting
from bot.cli.terminal import shown
from bot.content.directory_folder import load_directory
from bot.directory.due import Due, Reminder, due
from bot.directory.filters import RELAXED
from bot.directory.matching import Directory, Match, MatchResult, Query
from bot.directory.model import KINDS, pick
from bot.directory.reading import LANGUAGE_CODE
from bot.directory.vetting import CAPACITY_DAYS
from bot.kernel.problems import Problem
from bot.nlu.normalise import fold
from bot.settings import read_settings
from bot.usecases.follow_directory import Current

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2
DUE_DAYS: Final = 30
BROKEN: Final = "the directory's history was changed by somebody else, so the server offers nothing."


class _UsageError(Exception):
    """A word nobody knows; the message is one clear sentence."""


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `fener directory`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    match = actions.add_parser("match", help="what would be offered and why, what was removed and why")
    match.add_argument("--need", required=True, help="a need of directory/taxonomy.yaml")
    match.add_argument("--place", help="a place of directory/places.yaml: its id, a country code or a name")
    match.add_argument(
        "--lang", nargs="+", action="extend", default=[], metavar="L", help="languages, such as fa"
    )
    match.add_argument("--text", default="", help="a person's own words")
    match.add_argument(
        "--for", dest="populations", nargs="+", action="extend", default=[], metavar="P", help="populations"
    )
    match.add_argument(
        "--safety",
        nargs="+",
        action="extend",
        default=[],
        metavar="S",
        help="safety words that must be known to hold",
    )
    match.add_argument(
        "--without",
        nargs="+",
        action="extend",
        default=[],
        metavar="W",
        help="organisations, or kinds of them such as state, to leave out",
    )
    match.add_argument(
        "--relax", choices=sorted(RELAXED), default="", help="only what this one filter would remove"
    )
    match.add_argument("--age", type=int, help="the person's age in years")
    match.add_argument("--limit", type=int, default=3, help="how many to offer (default 3)")
    match.add_argument("--json", action="store_true", help="print JSON")
    match.add_argument(
        "--include-unvetted", action="store_true", help="also what nobody vouches for; never for a person"
    )
    _content(match)
    due = actions.add_parser("due", help="what to do next: reports, lapses, doubts, what is old")
    due.add_argument("--days", type=int, default=DUE_DAYS, help=f"how far to look ahead (default {DUE_DAYS})")
    due.add_argument("--json", action="store_true", help="print JSON")
    _content(due)
    vetting.describe(actions, _content)
    _exchange(actions)
    for each in (directory_new, directory_duplicates, directory_schema, directory_unmet):
        each.add_action(actions)


FORMATS: Final = {
    "csv": "bot.cli.directory_sheets",
    "hsds": "bot.cli.directory_hsds",
    "xlsx": "bot.cli.directory_sheets",
}
"""Format of `export` and `import` -> the module with add_export, add_import, run_export and run_import."""


def _exchange(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    export = actions.add_parser("export", help="the directory for others, or for a spreadsheet")
    export.add_argument("--to", metavar="FILE", help="a file or a folder (hsds: printed unless given)")
    take = actions.add_parser("import", help="take over what others give, or what a spreadsheet changed")
    take.add_argument("file", metavar="FILE", help="a file or a folder")
    take.add_argument("--dry-run", action="store_true", help="only say what would be done")
    for parser in (export, take):
        known = sorted(FORMATS)
        parser.add_argument("--format", required=parser is export, choices=known, help="how it is written")
        _content(parser)
    for name in sorted(set(FORMATS.values())):
        module = importlib.import_module(name)
        module.add_export(export)
        module.add_import(take)


def _format_of(path: Path) -> str:
    """The format of what is imported where nobody said it: by its name; a folder holds our own CSV files."""
    if path.suffix.lower() in {".json", ".ndjson", ".zip"}:
        return "hsds"
    return "xlsx" if path.suffix.lower() in {".xlsx", ".xlsm"} else "csv"


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 0 fine, 1 the directory has errors, 2 an unknown word."""
    if "act" in args:
        done: int = args.act(args)
        return done
    root = Path(args.content) if args.content else read_settings().content_dir
    directory, problems = load_directory(root, fold=fold)
    if directory is None:
        _print_problems(problems)
        return FAULTY
    if args.action in {"export", "import"}:
        return _exchanged(directory, root, args)
    if args.action in vetting.ACTIONS:
        return vetting.act(args, root, directory)
    return _answered(directory, args)


def _answered(directory: Directory, args: argparse.Namespace) -> int:
    """`match` and `due`: what holds now, with what the database knows of services."""
    now = datetime.now(UTC)  # noqa: TID251 - a command of the operator, not a turn
    current = vetting.current_of(read_settings(), directory)
    if args.action == "due":
        return _due(current, now.date(), args)
    try:
        query = _query(directory, args)
    except _UsageError as fault:
        print(f"fener directory match: {fault}", file=sys.stderr)
        return USAGE
    if not current.whole:
        print(f"fener directory match: {BROKEN}", file=sys.stderr)
    result = current.directory.match(query, now)
    left_out = current.directory.left_out(query, now)
    print(_as_json(result) if args.json else _as_text(directory, query, result, left_out))
    return FINE


def _exchanged(directory: Directory, root: Path, args: argparse.Namespace) -> int:
    form = args.format or _format_of(Path(args.file))
    module = importlib.import_module(FORMATS[form])
    if args.action == "export" and form == "hsds":  # for others: without what was suspended meanwhile
        current = vetting.current_of(read_settings(), directory)
        if not current.whole:
            print(f"fener directory export: {BROKEN}", file=sys.stderr)
            return FAULTY
        directory = current.directory
    if args.action == "export":
        return int(module.run_export(directory, args))
    return int(module.run_import(directory, root, args))


def _content(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--content", metavar="DIR", help="folder holding directory/ (default: FENER_CONTENT_DIR)"
    )


def _query(directory: Directory, args: argparse.Namespace) -> Query:
    taxonomy, places = directory.taxonomy, directory.places
    place = places.resolve(args.place) if args.place else None
    if args.place and place is None:
        near = [one for one, _ in places.find(args.place)] or _near(args.place, places.words())
        raise _UsageError(_sentence("place", args.place, near))
    safety = _words(args.safety)
    for word in safety:
        if taxonomy.attribute(word) is None:
            raise _UsageError(_sentence("safety word", word, _near(word, taxonomy.attribute_words())))
    used = {
        name for org in directory.organisations.values() for one in org.services for name in one.populations
    }
    populations = taxonomy.populations or used
    return Query(
        need=_known("need", args.need, taxonomy.needs),
        place=place,
        languages=tuple(_language(word) for word in _words(args.lang)),
        populations=tuple(_known("population", word, populations) for word in _words(args.populations)),
        safety=safety,
        text=args.text,
        age=args.age,
        exclude=tuple(
            _known("organisation or kind", word, (*KINDS, *directory.organisations))
            for word in _words(args.without)
        ),
        relax=args.relax,
        limit=max(args.limit, 1),
        demo=read_settings().offers_demo,
        include_unvetted=args.include_unvetted,
    )


def _words(listed: Sequence[str]) -> tuple[str, ...]:
    """The words of a repeated or comma-separated argument, each once."""
    return tuple(dict.fromkeys(word for one in listed for word in one.replace(",", " ").split()))


def _known(what: str, word: str, known: Collection[str]) -> str:
    if word in known:
        return word
    raise _UsageError(_sentence(what, word, _near(word, known)))


def _language(word: str) -> str:
    names = {str(code): str(name) for code, name in Locale("en").languages.items()}
    if LANGUAGE_CODE.fullmatch(word) and word.partition("-")[0] in names:
        return word
    by_name = {name.casefold(): code.replace("_", "-") for code, name in names.items()}
    near = [by_name[name] for name in get_close_matches(word.casefold(), by_name, n=3, cutoff=0.75)]
    near += [word[:2].lower()] if word[:2].lower() in names else []
    raise _UsageError(_sentence("language", word, near or ("en", "sr", "ar", "fa", "pt")))


def _sentence(what: str, word: str, near: Collection[str]) -> str:
    return f"there is no {what} '{word}'; the nearest are: {', '.join(near)}."


def _near(word: str, known: Collection[str]) -> Collection[str]:
    return get_close_matches(word.lower(), list(known), n=3, cutoff=0.6) or sorted(known)[:8]


def _as_json(result: MatchResult) -> str:
    matches = [
        {
            "organisation": match.organisation.id,
            "service": match.service.id,
            "score": match.score,
            "reasons": list(match.reasons),
            "unknown": list(match.unknown),
        }
        for match in result.matches
    ]
    shape = {"matches": matches, "removed": dict(result.removed), "relaxed": list(result.relaxed)}
    return json.dumps(shape, ensure_ascii=False, indent=2)


def _as_text(directory: Directory, query: Query, result: MatchResult, left_out: Mapping[str, int]) -> str:
    where = f" in {directory.places.name(query.place, 'en')}" if query.place else ""
    lines = [f"{query.need}{where}: {result.total} would be offered, {len(result.matches)} shown."]
    if query.relax:
        lines.append(f"Only what the filter '{query.relax}' removes.")
    elif result.relaxed:
        lines.append(f"Nothing fitted in every way; let go of: {', '.join(result.relaxed)}.")
    for number, match in enumerate(result.matches, start=1):
        lines += ["", *_match_lines(directory, number, match)]
    lines += ["", *_removed_lines(result), *_alone_lines(result, left_out)]
    return "\n".join(lines)


def _match_lines(directory: Directory, number: int, match: Match) -> Iterable[str]:
    demo = " [demo]" if match.organisation.demo or match.service.demo else ""
    yield f"{number}. {pick(match.organisation.name, 'en')}: {pick(match.service.name, 'en')}{demo}"
    yield f"   {match.organisation.id}/{match.service.id}, score {match.score:.2f}"
    yield f"   because: {'; '.join(_in_words(directory, word) for word in match.reasons)}"
    if match.unknown:
        yield f"   not known: {'; '.join(_in_words(directory, word) for word in match.unknown)}"
    if match.relaxed:
        yield f"   does not fit: {', '.join(match.relaxed)}"


def _in_words(directory: Directory, word: str) -> str:
    """A reason as an operator reads it."""
    kind, _, rest = word.partition(":")
    spoken = rest.partition(":")
    need = directory.taxonomy.needs.get(rest)
    said = {
        "need": f"offers {pick(need.label, 'en') if need else rest}",
        "language": f"{Locale('en').languages.get(spoken[0], spoken[0])} ({spoken[2]})",
        "place": f"serves {directory.places.name(rest, 'en')}",
        "visit": f"comes to {directory.places.name(spoken[0], 'en')} on {spoken[2]}",
        "kilometres": f"{rest} km away",
        "safety": rest.replace("_", " "),
    }
    return said[kind] if kind in said and rest else word.replace("_", " ").replace(":", " ")


_WHY: Final = {
    "demo": "fictitious, and a real channel is configured",
    "status": "not active",
    "visits": "a mobile team that does not come any more",
    "vetting": "unverified, lapsed, suspended or vetted by fewer than two",
    "visibility": "not to be seen by a person",
    "excluded": "not wanted",
    "age": "for another age",
    "population": "for other people",
    "safety": "not known to be safe as asked",
    "place": "does not serve that place",
    "language": "nobody there is known to speak the language",
    "capacity": "full",
}


def _removed_lines(result: MatchResult) -> Iterable[str]:
    if not result.removed:
        yield "Nothing was removed."
        return
    yield "Removed:"
    for name, count in result.removed.items():
        note = f", {result.unknown_safety} only because nobody knows" if name == "safety" else ""
        yield f"  {count} by {name}: {_WHY.get(name, name)}{note}"


_IF: Final = {
    "place": "if the person can travel",
    "language": "if another language is possible",
    "capacity": "if full ones count",
}


def _alone_lines(result: MatchResult, left_out: Mapping[str, int]) -> Iterable[str]:
    """What would help, and what only one filter removed that is never let go of."""
    for name, count in result.more.items():
        yield f"{count} more {_IF[name]}: --relax {name}"
    for name, count in left_out.items():
        yield f"{count} fit in every other way, removed only by {name}; never relaxed"


_TODO: Final = {
    "flagged": "reported on {}, not looked into",
    "safety": "another answer to {} waits for a second vetter",
    "suspended": "",
    "lapsed": "",
    "lapses": "lapses within {} days",
    "proposed": "vouched for by {}, waits for a second vetter",
    "conflict": "sources disagree on {}",
    "checklist": "the checklist has gaps",
    "capacity": "room not told within {} days",
    "unverified": "",
}


def _due(current: Current, today: date, args: argparse.Namespace) -> int:
    """List services a vetter should look at, the most urgent first."""
    if not current.whole:
        print(f"fener directory due: {BROKEN}", file=sys.stderr)
        return FAULTY
    rows = due(current.directory.organisations.values(), current.standings, today, args.days)
    if args.json:
        print(json.dumps([_due_fields(row) for row in rows], ensure_ascii=False, indent=2))
        return FINE
    for row in rows:
        day = row.service.vetting.expires
        print("; ".join([f"{row.name}: {row.state}{f', until {day}' if day else ''}", *_todo(row.todo)]))
    print(f"{len(rows)} to look at.")
    return FINE


def _due_fields(row: Due) -> dict[str, object]:
    day = row.service.vetting.expires
    todo = [{"what": one.what, "detail": one.detail, "mark": one.mark} for one in row.todo]
    return {
        "service": row.name,
        "state": row.state,
        "expires": day.isoformat() if day else None,
        "todo": todo,
    }


def _todo(todo: Sequence[Reminder]) -> Iterable[str]:
    """Each thing to do that the state does not say already."""
    for one in todo:
        told = {"lapses": str(one.mark), "capacity": str(CAPACITY_DAYS)}.get(one.what, one.detail)
        if text := _TODO[one.what].format(shown(told or "nobody")):
            yield text


def _print_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        print(f"{problem.mark}: {problem.code} {problem.message}\n  mend: {problem.mend}", file=sys.stderr)
