"""The shipped content once, and an installation for each test."""

import functools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.content.folders import load_library
from bot.flow.library import Library
from tests.usecases.house import START, House

ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def shipped() -> Library:
    """The content of this checkout, loaded once for all folders of tests."""
    found, problems = load_library(ROOT, today=START.date())
    assert found is not None, [problem.message for problem in problems]
    return found


@pytest.fixture(scope="session")
def library() -> Library:
    return shipped()


@pytest.fixture
async def house(tmp_path: Path, library: Library) -> AsyncIterator[House]:
    installation = House(tmp_path, library)
    await installation.start()
    yield installation
    await installation.close()
