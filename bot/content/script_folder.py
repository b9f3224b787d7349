"""The scripted conversations beside flows: every `*.test.yaml` under flows/."""

from collections.abc import Collection
from typing import Final

from bot.content.files import ContentFiles
from bot.content.flow_folder import FLOWS
from bot.flow.script import Script, parse_scripts
from bot.kernel.problems import Problem

SUFFIX: Final = ".test.yaml"


def read_scripts(files: ContentFiles, flows: Collection[str]) -> tuple[list[Script], list[Problem]]:
    """Every script with the problems of their files. `flows` are the ids that scripts may be about."""
    scripts: list[Script] = []
    problems: list[Problem] = []
    for folder in (FLOWS, *files.folders(FLOWS)):
        for path in files.names(folder, SUFFIX):
            node = files.yaml(path)
            if node is not None:
                found, faults = parse_scripts(node, frozenset(flows))
                scripts += found
                problems += faults
    return scripts, [*files.problems, *problems]
