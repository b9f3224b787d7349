"""`fener directory export` and `import` with `--format hsds`: packages of Open Referral's HSDS, JSON or tables."""

import argparse
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from bot.content.directory_folder import FOLDER
from bot.content.directory_writing import CannotPlaceError, organisation_file, with_services
from bot.content.hsds_files import read_package
from bot.content.marks import read_yaml
from bot.content.replacing import ChangedMeanwhileError, replace_files
from bot.directory.hsds.importing import Drafts, Terms, drafts_of
from bot.directory.hsds.plan import Plan, Step, plan_import
from bot.directory.hsds.published import Published
from bot.directory.hsds.tables import files_of, tables_of
from bot.directory.hsds.vocabulary import Object
from bot.directory.lint import check_references
from bot.directory.matching import Directory
from bot.directory.model import Organisation
from bot.directory.parse import parse_organisation
from bot.directory.reading import LANGUAGE_CODE
from bot.kernel.problems import Fields, Mark, Problem, Scalar
from bot.nlu.normalise import fold

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2

REMARK: Final = "Imported. Nobody vouches for it yet: look at each fact, then let two people vet it."
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)  # the same directory gives the same bytes
_LONGEST_SHOWN: Final = 70


def add_export(parser: argparse.ArgumentParser) -> None:
    """Describe what only this format is asked."""
    parser.add_argument("--lang", default="en", metavar="L", help="hsds: the language of texts (default en)")
    parser.add_argument(
        "--demo", action="store_true", help="hsds: fictitious records, too; never give them to others"
    )


def add_import(parser: argparse.ArgumentParser) -> None:
    """Describe what only this format is asked."""
    parser.add_argument("--source", help="hsds: where the package came from; stands in each record")
    parser.add_argument("--on", metavar="DAY", help="hsds: the day of the package (default today)")
    parser.add_argument(
        "--country", default="", metavar="CC", help="hsds: the country of those that name none"
    )
    parser.add_argument(
        "--lang", default="en", metavar="L", help="hsds: the language of its texts (default en)"
    )
    parser.add_argument(
        "--need-map", metavar="FILE", help="hsds: YAML, a term's id, code or name: a need, or '-'"
    )
    parser.add_argument(
        "--replace", nargs="+", action="extend", default=[], metavar="ORG/SERVICE",
        help="hsds: take these over although they were vetted or edited here; their vetting ends",
    )  # fmt: skip


# --- export -----------------------------------------------------------------------------------------------


def run_export(directory: Directory, args: argparse.Namespace) -> int:
    """Write what is public today: JSON where the name ends in .json, else tables in a zip or a folder."""
    today = datetime.now(UTC).date()  # noqa: TID251 - a command of the operator, not a turn
    published = Published.build(directory, today, fold=fold, demo=args.demo)
    language = published.language((args.lang,))
    objects = published.objects(language)
    organisations = [
        objects.organisation(one, published.services_of(ident), full_services=True)
        for ident, one in published.organisations.items()
    ]
    if args.to is None:
        print(_json(organisations), end="")
        return FINE
    target = Path(args.to)
    try:
        if target.suffix.lower() == ".json":
            target.write_text(_json(organisations), encoding="utf-8")
        else:
            _write_tables(target, files_of(tables_of(organisations, published.vocabulary, language)))
    except OSError:
        print(
            f"fener directory export: {target} cannot be written; name another place with --to.",
            file=sys.stderr,
        )
        return FAULTY
    count = len(published.listed)
    print(f"{target}: {len(organisations)} organisations, {count} services that everybody may know of today.")
    return FINE


def _json(organisations: Sequence[Object]) -> str:
    return json.dumps(organisations, ensure_ascii=False, indent=2) + "\n"


def _write_tables(target: Path, files: Mapping[str, str]) -> None:
    if target.suffix.lower() != ".zip":
        target.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (target / name).write_text(text, encoding="utf-8", newline="")
        return
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(zipfile.ZipInfo(name, _ZIP_TIME), text, zipfile.ZIP_DEFLATED)


# --- import -----------------------------------------------------------------------------------------------


def run_import(directory: Directory, root: Path, args: argparse.Namespace) -> int:
    """Take a package over into `root`, or say with `--dry-run` what would be done. Errors: nothing is written."""
    terms, problems = _terms(directory, args)
    if terms is None:
        _say_problems(problems)
        return USAGE
    records, unread, problems = read_package(Path(args.file))
    drafts = drafts_of(records, terms, directory.taxonomy, directory.places, fold=fold)
    problems += drafts.problems
    plan = plan_import(drafts.drafts, directory, fold=fold, replacing=args.replace)
    texts, more = _texts(plan, directory, root)
    problems += more
    _say_plan(plan, drafts, unread)
    _say_problems(problems)
    if any(one.severity == "error" for one in problems):
        print("Nothing was written: the package has errors.", file=sys.stderr)
        return FAULTY
    if args.dry_run:
        print(f"{len(texts)} files would be written.")
        return FINE
    if not _written(root, texts):
        return FAULTY
    print(f"{len(texts)} files written. Run 'fener check', then look at 'fener directory due'.")
    return FINE


def _terms(directory: Directory, args: argparse.Namespace) -> tuple[Terms | None, list[Problem]]:
    """What the arguments say, or what is wrong with them."""
    nowhere = Mark("arguments", 1, 1)
    needs, problems = _need_map(directory, Path(args.need_map)) if args.need_map else ({}, [])
    if not (args.source or "").strip():
        mend = "add --source 'who gave it, and the address it came from'"
        problems.append(Problem("D608", nowhere, "nothing says where this package came from", mend))
    on = _day(args.on)
    if on is None:
        problems.append(Problem("D608", nowhere, "--on is not a day", "write it as 2026-11-01"))
    if not LANGUAGE_CODE.fullmatch(args.lang):
        problems.append(Problem("D608", nowhere, "--lang is not a language code", "write en, sr, pt"))
    if args.country and not (directory.places.known(args.country) and args.country.isupper()):
        problems.append(
            Problem("D608", nowhere, "--country is not a country code", "write two capital letters: RS")
        )
    if problems or on is None:
        return None, problems
    source = f"{' '.join(args.source.split())} ({Path(args.file).name})"
    return Terms(source, on, args.country, args.lang, needs), []


def _day(written: str | None) -> date | None:
    if written is None:
        return datetime.now(UTC).date()  # noqa: TID251 - a command of the operator, not a turn
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _need_map(directory: Directory, path: Path) -> tuple[dict[str, str], list[Problem]]:
    """A term's id, code or name -> one of our needs, or `-`."""
    try:
        node, problems = read_yaml(path.read_bytes(), path.name)
    except OSError:
        problem = Problem(
            "D608", Mark(path.name, 1, 1), "this file cannot be read", "check its name and who may read it"
        )
        return {}, [problem]
    found: dict[str, str] = {}
    for key, value in node if isinstance(node, Fields) else ():
        need = value.value if isinstance(value, Scalar) else ""
        if need != "-" and need not in directory.taxonomy.needs:
            mend = "write a need of directory/taxonomy.yaml, or '-' for none"
            problems.append(Problem("D608", value.mark, f"there is no need '{need[:40]}'", mend))
        found[key.value] = need
    return found, problems


def _texts(plan: Plan, directory: Directory, root: Path) -> tuple[dict[str, str], list[Problem]]:
    """The files that the plan writes, looked through as `fener check` would; what it would refuse is a problem."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for organisation in plan.new:
        path = f"{FOLDER}/{organisation.country.lower()}/{organisation.id}.yaml"
        if (root / path).exists():
            problems.append(
                Problem(
                    "D609", Mark(path, 1, 1), "this file is there already", "rename it, or the organisation"
                )
            )
        texts[path] = organisation_file(organisation, REMARK)
    for ident, services in plan.services.items():
        path = directory.organisations[ident].at[""].file
        try:
            texts[path] = with_services((root / path).read_text("utf-8"), services)
        except CannotPlaceError as fault:
            problems.append(
                Problem(
                    "D609",
                    Mark(path, 1, 1),
                    f"nothing can be put into this file: {fault}",
                    "put it in by hand",
                )
            )
    made: list[Organisation] = []
    for path, text in texts.items():
        node, faults = read_yaml(text.encode(), path)
        problems += faults
        if node is None:
            continue
        read, faults = parse_organisation(node, Path(path).stem)
        problems += faults
        if read is not None:
            made.append(read)
            problems += _touched(read, plan, directory)
    return texts, problems + _led_nowhere(made, directory)


def _touched(made: Organisation, plan: Plan, directory: Directory) -> list[Problem]:
    """Whether putting services into a file changed another one: then it is not written."""
    if made.id not in plan.services:
        return []
    written = {service.id for service in plan.services[made.id]}
    before = [one for one in directory.organisations[made.id].services if one.id not in written]
    if before == [one for one in made.services if one.id not in written]:
        return []
    message = "putting services into this file would change others"
    return [Problem("D609", made.at[""], message, "put them in by hand")]


def _led_nowhere(made: Sequence[Organisation], directory: Directory) -> list[Problem]:
    """Names in the new records that the rest of the directory does not have."""
    files = {organisation.at[""].file for organisation in made}
    together = Directory.build(
        {**directory.organisations, **{one.id: one for one in made}}.values(),
        directory.taxonomy,
        directory.places.by_id.values(),
        directory.network,
        fold=fold,
    )
    return [one for one in check_references(together) if one.mark.file in files]


def _written(root: Path, texts: Mapping[str, str]) -> bool:
    """Write all files or none, each as open to others as it was."""
    try:
        before = {path: (root / path).read_bytes() for path in texts if (root / path).exists()}
        replace_files(root, {path: text.encode() for path, text in texts.items()}, before)
    except (OSError, ChangedMeanwhileError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else f"{fault.path} changed just now"
        print(f"Nothing was written: {reason}.", file=sys.stderr)
        return False
    return True


def _say_plan(plan: Plan, drafts: Drafts, unread: Sequence[str]) -> None:
    for step in plan.steps:
        for line in _step_lines(step):
            print(line)
    counts = {kind: sum(step.kind == kind and bool(step.service) for step in plan.steps) for kind in _KINDS}
    print("Services: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()) + ".")
    _say_counts("Terms that are no need and no population here (--need-map)", drafts.unknown_terms)
    _say_counts("Not taken over, there is no place for it", drafts.left_out)
    _say_counts("Unknown fields", drafts.unknown_fields)
    _say_counts("Tables that were not read", dict.fromkeys(unread, 1))


_KINDS: Final = ("new", "changed", "same", "kept")


def _step_lines(step: Step) -> list[str]:
    name = f"{step.organisation}/{step.service}" if step.service else step.organisation
    if step.kind == "same":
        return []
    lines = [f"{step.kind}: {name}{f' ({step.why})' if step.why else ''}"]
    for field, (here, there) in (step.fields or {}).items():
        lines.append(f"    {field}: {_short(here)} -> {_short(there)}")
    return lines


def _short(said: str) -> str:
    one_line = " ".join(said.split())
    return one_line if len(one_line) <= _LONGEST_SHOWN else f"{one_line[: _LONGEST_SHOWN - 3]}..."


def _say_counts(what: str, counts: Mapping[str, int]) -> None:
    if counts:
        print(f"{what}: " + ", ".join(f"{_short(name)} ({count})" for name, count in sorted(counts.items())))


def _say_problems(problems: Sequence[Problem]) -> None:
    for one in dict.fromkeys(problems):
        print(f"{one.mark}: {one.code} {one.message}\n  mend: {one.mend}", file=sys.stderr)
