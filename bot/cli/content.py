"""Loading content for a command: whole, or a list of every problem with its mend."""

import gc
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.content.folders import load_library
from bot.flow.library import Library
from bot.kernel.problems import Problem

CONFIG_FILE: Final = "fener.toml"
PREFIX: Final = "FENER_"


def content_folder() -> Path:
    """Where the content lies, as the settings say. Raises StartError when a setting is wrong.

    Where nothing is set there is nothing to check, and a conversation in a terminal begins the sooner for it.
    """
    if not any(name.startswith(PREFIX) for name in os.environ) and not os.path.lexists(CONFIG_FILE):
        return Path()
    from bot.settings import read_settings

    return read_settings().content_dir


def load_or_list(root: Path) -> Library | None:
    """The content in `root`; None after every error was printed with its mend."""
    gc.disable()  # everything that is made here stays: looking for garbage among it doubles the time of a start
    try:
        library, problems = load_library(root, today=datetime.now(UTC).date())  # noqa: TID251  # a command's own clock
    finally:
        gc.freeze()  # content never goes, so collections need not walk it, and forked workers share its pages
        gc.enable()
    errors = [problem for problem in problems if problem.severity == "error"]
    if library is None or errors:
        print_problems(errors)
        return None
    return library


def print_problems(problems: Sequence[Problem]) -> None:
    """Each problem with its place and mend, and how many there are, on standard error."""
    for problem in problems:
        print(f"{problem.mark}: {problem.code} {problem.message}\n  mend: {problem.mend}", file=sys.stderr)
    count = len(problems)
    plural = "problem" if count == 1 else "problems"
    print(
        f"fener: the content has {count} {plural}; mend, then start again ('fener check' lists warnings too).",
        file=sys.stderr,
    )
