"""What `fener check --fix` may do by itself: keys with spaces for underscores, a new line at the end of a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.content.files import ContentFiles
from bot.content.flow_folder import FLOWS, MEDIA, SHARED
from bot.content.marks import read_yaml
from bot.flow.parse import FLOW_KEYS
from bot.flow.parse_facts import FACT_KEYS
from bot.flow.parse_step import STEP_KEYS
from bot.kernel.problems import Fields, Node, Scalar

FOLDERS: Final = (FLOWS, "directory", "translations")


def mend_files(root: Path) -> tuple[str, ...]:
    """Mend the YAML files under `root` in place; the paths of those that changed, in order."""
    files = ContentFiles(root)
    changed = []
    for path in _paths(files):
        source = files.read(path)
        better = mended(source, path) if source is not None else None
        if better is not None and better != source:
            _replace(root / path, better)
            changed.append(path)
    return tuple(changed)


def mended(source: bytes, path: str) -> bytes:
    """The bytes of one file as they should be; the same when there is nothing to mend or it cannot be read."""
    node, problems = read_yaml(source, path)
    if node is None or any(problem.severity == "error" for problem in problems):
        return source
    lines = source.decode("utf-8").split("\n")
    if path.startswith(f"{FLOWS}/") and path != SHARED and not path.endswith(".test.yaml"):
        for key in _language_keys(node):
            _respace(lines, key)
    text = "\n".join(lines)
    if text and not text.endswith("\n"):
        text += "\n"
    return text.encode()


def _paths(files: ContentFiles) -> Iterator[str]:
    waiting = [folder for folder in FOLDERS if files.has(folder)]
    while waiting:
        folder = waiting.pop(0)
        if folder != MEDIA:
            yield from files.names(folder, ".yaml")
            waiting += files.folders(folder)


def _language_keys(node: Node) -> Iterator[Scalar]:
    """Keys of the language itself, in a flow or a file of facts; names that the admin gave are not among them."""
    if not isinstance(node, Fields):
        return
    yield from _known(node, FLOW_KEYS)
    for block, keys in (("steps", STEP_KEYS), ("facts", FACT_KEYS)):
        inner = node.get(block)
        for _, body in inner if isinstance(inner, Fields) else ():
            if isinstance(body, Fields):
                yield from _known(body, keys)


def _known(fields: Fields, keys: frozenset[str]) -> Iterator[Scalar]:
    for key, _ in fields:
        if "_" in key.value and key.plain and key.value.replace("_", " ") in keys:
            yield key


def _respace(lines: list[str], key: Scalar) -> None:
    line, start = lines[key.mark.line - 1], key.mark.column - 1
    end = start + len(key.value)
    if line[start:end] == key.value:
        lines[key.mark.line - 1] = line[:start] + key.value.replace("_", " ") + line[end:]


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file and swap, so that a full disk leaves the old one."""
    beside = path.with_name(f".{path.name}.mended")
    beside.write_bytes(content)
    beside.chmod(path.stat().st_mode)
    beside.replace(path)
