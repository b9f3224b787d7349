"""The directory/ folder as one Directory, or every problem in it at once."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from bot.content.marks import read_yaml
from bot.directory.lint import check_references
from bot.directory.matching import Directory
from bot.directory.model import Network, Organisation, Place, Taxonomy
from bot.directory.parse import parse_network, parse_organisation, parse_places, parse_taxonomy
from bot.directory.places import Fold
from bot.kernel.problems import Mark, Node, Problem

FOLDER: Final = "directory"
TAXONOMY: Final = f"{FOLDER}/taxonomy.yaml"
PLACES: Final = f"{FOLDER}/places.yaml"
NETWORK: Final = f"{FOLDER}/network.yaml"


Read = Callable[[str], bytes | None]
"""The bytes of a file, by its path in the content folder; None where there is none, and after a problem was noted."""


def load_directory(
    root: Path, *, fold: Fold, read: Read | None = None, also: Collection[str] = ()
) -> tuple[Directory | None, list[Problem]]:
    """Read `root`/directory: the directory, or None when a problem is an error.

    `read` gives what was read before, and `also` names files that are not in the folder yet.
    Problems come in order of file, line and column. `places.yaml` and `network.yaml` may be missing: then
    there are no named places, and nobody receives cases.
    """
    problems: list[Problem] = []
    source = _Source(root, problems, read)
    taxonomy = _taxonomy(source, problems)
    places = _places(source, problems)
    network = _network(source, problems)
    organisations = _organisations(source, problems, also)
    directory = None
    if not any(problem.severity == "error" for problem in problems) and taxonomy is not None:
        directory = Directory.build(organisations, taxonomy, places, network, fold=fold)
        problems += check_references(directory)
    failed = any(problem.severity == "error" for problem in problems)
    return (None if failed else directory), sorted(problems, key=lambda one: (one.mark, one.code))


def read_vocabulary(root: Path) -> tuple[Taxonomy, tuple[Place, ...]]:
    """Only the words and the places of a folder; empty where there are none or they cannot be read."""
    source = _Source(root, [], None)
    return _taxonomy(source, []) or Taxonomy(), _places(source, [])


def _taxonomy(source: "_Source", problems: list[Problem]) -> Taxonomy | None:
    node = source.node(TAXONOMY)
    if node is None:
        if not (source.root / TAXONOMY).is_file():
            mend = "write it: the needs that people ask for, under 'needs:'"
            problems.append(Problem("D102", Mark(TAXONOMY, 1, 1), "this file is missing", mend))
        return None
    taxonomy, found = parse_taxonomy(node)
    problems += found
    return taxonomy


def _places(source: "_Source", problems: list[Problem]) -> tuple[Place, ...]:
    node = source.node(PLACES)
    if node is None:
        return ()
    places, found = parse_places(node)
    problems += found
    return places or ()


def _network(source: "_Source", problems: list[Problem]) -> Network:
    node = source.node(NETWORK)
    if node is None:
        return Network()
    network, found = parse_network(node)
    problems += found
    return network or Network()


def _organisations(source: "_Source", problems: list[Problem], also: Collection[str]) -> list[Organisation]:
    """Every organisation of the country folders, in file order."""
    root = source.root
    found: dict[str, Organisation] = {}
    for path in sorted({*(root / FOLDER).rglob("*.y*ml"), *(root / name for name in also)}):
        name = path.relative_to(root).as_posix()
        if name in {TAXONOMY, PLACES, NETWORK}:
            continue
        if path.suffix != ".yaml" or len(path.relative_to(root).parts) != 3:  # noqa: PLR2004 - directory/country/file
            mend = "put it at directory/<country code>/<organisation>.yaml"
            problems.append(
                Problem("D117", Mark(name, 1, 1), "this file is not where it is looked for", mend)
            )
            continue
        node = source.node(name)
        if node is None:
            continue
        organisation, faults = parse_organisation(node, path.stem)
        problems += faults
        if organisation is None:
            continue
        problems += _misplaced(organisation, path.parent.name)
        if organisation.id in found:
            other = found[organisation.id].at[""]
            message = f"'{organisation.id}' is also described at {other}"
            problems.append(Problem("D207", organisation.at[""], message, "keep one file"))
            continue
        found[organisation.id] = organisation
    return list(found.values())


def _misplaced(organisation: Organisation, folder: str) -> list[Problem]:
    if folder == organisation.country.lower():
        return []
    mark = organisation.at.get("country", organisation.at[""])
    mend = f"move the file to directory/{organisation.country.lower()}/, or write another country"
    return [
        Problem("D117", mark, f"this file is in '{folder}' and its country is {organisation.country}", mend)
    ]


class _Source:
    """The files of one content folder: read from it, or given by who has read them."""

    def __init__(self, root: Path, problems: list[Problem], read: Read | None) -> None:
        self.root = root
        self._problems = problems
        self._read = read or self._from_disk

    def node(self, name: str) -> Node | None:
        """The marked tree of a file; None where there is none, and after a problem."""
        source = self._read(name)
        if source is None:
            return None
        node, found = read_yaml(source, name)
        self._problems += found
        return node

    def _from_disk(self, name: str) -> bytes | None:
        try:
            return (self.root / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            mend = "check who may read it"
            self._problems.append(Problem("D102", Mark(name, 1, 1), "this file cannot be read", mend))
            return None
